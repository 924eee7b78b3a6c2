//! Types and texts to an XSD and an instance, `xmllint` over them, and its verdicts back.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

use concord_standards::schema::{
    Facets, Origin, Schema, SimpleType, SimpleTypeId, Variety, WhiteSpace,
};

/// A type under test: its definition in our terms, and how failures name it.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) variety: Variety,
    pub(crate) steps: Vec<Facets>,
}

/// Only what is said.
impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut facets = String::new();
        for step in &self.steps {
            write_facets(&mut facets, step);
            facets.push(' ');
        }
        write!(f, "{:?} {}", self.variety, facets.replace("xs:", ""))
    }
}

/// All the types that `Variety::List` and `Variety::Union` of the cases refer to, then the case itself.
pub(crate) fn schema(parts: &[Case], case: &Case) -> (Schema, SimpleTypeId) {
    let simple_types: Vec<_> = parts.iter().chain([case]).map(simple_type).collect();
    let id = SimpleTypeId(parts.len() as u32);
    (
        Schema {
            simple_types,
            ..Schema::default()
        },
        id,
    )
}

fn simple_type(case: &Case) -> SimpleType {
    SimpleType {
        name: None,
        variety: case.variety.clone(),
        steps: case.steps.clone(),
        base: None,
        code_list: None,
        format: None,
        origin: Origin::default(),
    }
}

pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' => write!(escaped, "&#{};", u32::from(character)).unwrap(),
            other => escaped.push(other),
        }
    }
    escaped
}

fn facet(xsd: &mut String, name: &str, value: &str) {
    write!(xsd, "<xs:{name} value=\"{}\"/>", escape(value)).unwrap();
}

fn write_facets(xsd: &mut String, facets: &Facets) {
    for pattern in &facets.patterns {
        facet(xsd, "pattern", pattern);
    }
    for value in &facets.enumeration {
        facet(xsd, "enumeration", value);
    }
    let lengths = [
        ("length", facets.length),
        ("minLength", facets.min_length),
        ("maxLength", facets.max_length),
    ];
    for (name, value) in lengths {
        if let Some(value) = value {
            facet(xsd, name, &value.to_string());
        }
    }
    let bounds = [
        ("minInclusive", &facets.min_inclusive),
        ("minExclusive", &facets.min_exclusive),
        ("maxInclusive", &facets.max_inclusive),
        ("maxExclusive", &facets.max_exclusive),
    ];
    for (name, value) in bounds {
        if let Some(value) = value {
            facet(xsd, name, value);
        }
    }
    for (name, value) in [
        ("totalDigits", facets.total_digits),
        ("fractionDigits", facets.fraction_digits),
    ] {
        if let Some(value) = value {
            facet(xsd, name, &value.to_string());
        }
    }
    if let Some(white_space) = facets.white_space {
        let value = match white_space {
            WhiteSpace::Preserve => "preserve",
            WhiteSpace::Replace => "replace",
            WhiteSpace::Collapse => "collapse",
        };
        facet(xsd, "whiteSpace", value);
    }
}

/// Writes the named types `{name}` (one per restriction step, `{name}s0` the first).
fn write_type(xsd: &mut String, name: &str, case: &Case) {
    let mut base = match &case.variety {
        Variety::Atomic(builtin) => format!("xs:{}", builtin.name()),
        Variety::List(item) => {
            writeln!(
                xsd,
                "<xs:simpleType name=\"{name}v\"><xs:list itemType=\"part{}\"/></xs:simpleType>",
                item.0
            )
            .unwrap();
            format!("{name}v")
        }
        Variety::Union(members) => {
            let members: Vec<_> = members
                .iter()
                .map(|member| format!("part{}", member.0))
                .collect();
            writeln!(
                xsd,
                "<xs:simpleType name=\"{name}v\"><xs:union memberTypes=\"{}\"/></xs:simpleType>",
                members.join(" ")
            )
            .unwrap();
            format!("{name}v")
        }
    };
    for (index, step) in case.steps.iter().enumerate() {
        write!(
            xsd,
            "<xs:simpleType name=\"{name}s{index}\"><xs:restriction base=\"{base}\">"
        )
        .unwrap();
        write_facets(xsd, step);
        xsd.push_str("</xs:restriction></xs:simpleType>\n");
        base = format!("{name}s{index}");
    }
    // The last name in the chain, or a restriction without facets.
    writeln!(
        xsd,
        "<xs:simpleType name=\"{name}\"><xs:restriction base=\"{base}\"/></xs:simpleType>"
    )
    .unwrap();
}

pub(crate) struct Oracle {
    folder: PathBuf,
}

impl Oracle {
    /// `None`, with a word on standard error, when `xmllint` is not installed.
    pub(crate) fn new(name: &str) -> Option<Self> {
        if Command::new("xmllint").arg("--version").output().is_err() {
            eprintln!("SKIPPED: xmllint is not installed, so values are not compared with it");
            return None;
        }
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Some(Self { folder })
    }

    /// For each type and text whether `xmllint` says that the text is valid; `None` for a type that it does not compile.
    pub(crate) fn verdicts(
        &self,
        parts: &[Case],
        cases: &[(Case, Vec<String>)],
    ) -> Vec<Option<Vec<bool>>> {
        let mut verdicts = vec![None; cases.len()];
        let compiled: Vec<usize> = (0..cases.len())
            .filter(|&index| self.compiles(parts, &cases[index].0))
            .collect();
        let mut rest = compiled.as_slice();
        while !rest.is_empty() {
            // libxml2 counts lines to 65,535 only.
            let mut lines = 0;
            let count = rest
                .iter()
                .take_while(|&&index| {
                    lines += cases[index].1.len();
                    lines < 60_000
                })
                .count()
                .max(1);
            let (batch, after) = rest.split_at(count);
            self.batch(parts, cases, batch, &mut verdicts);
            rest = after;
        }
        verdicts
    }

    pub(crate) fn compiles(&self, parts: &[Case], case: &Case) -> bool {
        let xsd = xsd(parts, &[(0, case)]);
        let output = self.run(&xsd, "<root xmlns=\"u\"/>\n");
        !output.contains("Schemas parser error") && !output.contains("failed to compile")
    }

    fn batch(
        &self,
        parts: &[Case],
        cases: &[(Case, Vec<String>)],
        batch: &[usize],
        verdicts: &mut [Option<Vec<bool>>],
    ) {
        let types: Vec<_> = batch
            .iter()
            .map(|&index| (index, &cases[index].0))
            .collect();
        let mut instance = String::from("<root xmlns=\"u\">\n");
        let mut lines = vec![(usize::MAX, 0)];
        for &index in batch {
            verdicts[index] = Some(vec![true; cases[index].1.len()]);
            for (number, text) in cases[index].1.iter().enumerate() {
                writeln!(instance, "<e{index}>{}</e{index}>", escape(text)).unwrap();
                lines.push((index, number));
            }
        }
        instance.push_str("</root>\n");
        let output = self.run(&xsd(parts, &types), &instance);
        if !output.contains("validates") && !output.contains("fails to validate") {
            // An internal error of libxml2: find the type that makes it, and leave that out.
            for index in batch {
                verdicts[*index] = None;
            }
            if let [index] = batch {
                eprintln!("libxml2 comes to no verdict on {:?}", cases[*index].0);
                verdicts[*index] = Some(Vec::new());
            } else {
                for index in batch {
                    self.batch(parts, cases, std::slice::from_ref(index), verdicts);
                }
            }
            return;
        }
        for line in output
            .lines()
            .filter(|line| line.contains("Schemas validity error"))
        {
            let number = line
                .strip_prefix("instance.xml:")
                .and_then(|rest| rest.split(':').next());
            let number: usize = number
                .and_then(|number| number.parse().ok())
                .expect("a line number");
            let (case, text) = lines[number - 1];
            verdicts[case].as_mut().expect("a case of this batch")[text] = false;
        }
    }

    fn run(&self, xsd: &str, instance: &str) -> String {
        std::fs::write(self.folder.join("types.xsd"), xsd).unwrap();
        std::fs::write(self.folder.join("instance.xml"), instance).unwrap();
        let output = Command::new("xmllint")
            .args(["--noout", "--schema", "types.xsd", "instance.xml"])
            .current_dir(&self.folder)
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stderr).into_owned()
    }
}

fn xsd(parts: &[Case], types: &[(usize, &Case)]) -> String {
    let mut xsd = String::from(
        "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns=\"u\" targetNamespace=\"u\" elementFormDefault=\"qualified\">\n",
    );
    for (index, part) in parts.iter().enumerate() {
        write_type(&mut xsd, &format!("part{index}"), part);
    }
    for (index, case) in types {
        write_type(&mut xsd, &format!("type{index}"), case);
    }
    xsd.push_str("<xs:element name=\"root\"><xs:complexType><xs:choice minOccurs=\"0\" maxOccurs=\"unbounded\">\n");
    for (index, _) in types {
        writeln!(xsd, "<xs:element name=\"e{index}\" type=\"type{index}\"/>").unwrap();
    }
    xsd.push_str("</xs:choice></xs:complexType></xs:element></xs:schema>\n");
    xsd
}
