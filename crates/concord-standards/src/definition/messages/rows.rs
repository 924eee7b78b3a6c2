//! The rows of `fields.csv` and `datatypes.csv`, inherited ones narrowed by those of the standard itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::definition::csv_rows::{Row, rows};
use crate::definition::load::{Loading, join};
use crate::definition::problem::{Problem, Text};
use crate::messages::Usage;
use crate::schema::Origin;

/// The columns of `fields.csv`.
pub(super) const FIELD_COLUMNS: [&str; 10] = [
    "table",
    "position",
    "element",
    "usage",
    "occurs",
    "length",
    "data_type",
    "code_list",
    "code_use",
    "personal",
];

/// The columns of `datatypes.csv`.
const TYPE_COLUMNS: [&str; 13] = [
    "type",
    "position",
    "name",
    "data_type",
    "usage",
    "length",
    "code_list",
    "code_use",
    "pattern",
    "format",
    "condition",
    "personal",
    "source",
];

/// A field as its rows state it.
#[derive(Debug, Clone, Default)]
pub(super) struct FieldRow {
    pub(super) name: Arc<str>,
    pub(super) usage: Option<Usage>,
    pub(super) occurs: Option<(u32, Option<u32>)>,
    pub(super) length: Option<u32>,
    pub(super) data_type: Arc<str>,
    pub(super) codes: Codes,
    pub(super) personal: bool,
    pub(super) source: Arc<str>,
    pub(super) origin: Origin,
}

/// A code list, and whether other codes are permitted as well.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Codes {
    pub(super) list: Option<Arc<str>>,
    pub(super) open: bool,
}

/// A component of a data type, or a type without components.
#[derive(Debug, Clone)]
pub(super) struct ComponentRow {
    pub(super) name: Arc<str>,
    pub(super) data_type: Arc<str>,
    pub(super) usage: Usage,
    pub(super) length: Option<u32>,
    pub(super) codes: Codes,
    pub(super) pattern: Option<String>,
    pub(super) format: Option<Arc<str>>,
    /// The component beside which it need not be filled.
    pub(super) unless: Option<u32>,
    /// Whether it never says who somebody is, whatever the field.
    pub(super) impersonal: bool,
    pub(super) origin: Origin,
}

/// A data type.
#[derive(Debug, Clone)]
pub(super) enum TypeRows {
    /// One value.
    Simple(ComponentRow),
    /// Components, the first one first.
    Composite(Vec<ComponentRow>),
}

/// Whether a name is that of a segment: three capital letters or digits, and a qualifier behind `+` where there is one.
pub(super) fn is_segment(name: &str) -> bool {
    let plain = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    let (tag, qualifier) = name.split_once('+').unwrap_or((name, "-"));
    tag.len() == 3 && plain(tag) && (qualifier == "-" || !qualifier.is_empty() && plain(qualifier))
}

/// All rows of a standard and of those it builds on.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// Fields by segment and position.
    pub(super) fields: BTreeMap<Arc<str>, BTreeMap<u32, FieldRow>>,
    pub(super) types: BTreeMap<Arc<str>, TypeRows>,
}

impl Rows {
    /// Adds what the files of a folder say.
    pub(super) fn read(&mut self, folder: &str, loading: &mut Loading<'_>) {
        if let Some(text) = loading.open(&join(folder, "datatypes.csv")) {
            let mut problems = Vec::new();
            self.types(&text, loading, &mut problems);
            loading.problems.extend(problems);
        }
        if let Some(text) = loading.open(&join(folder, "fields.csv")) {
            let mut problems = Vec::new();
            self.fields(&text, loading, &mut problems);
            loading.problems.extend(problems);
        }
    }

    fn types(&mut self, text: &Text, loading: &mut Loading<'_>, problems: &mut Vec<Problem>) {
        let mut own: BTreeMap<Arc<str>, TypeRows> = BTreeMap::new();
        for row in rows(text, TYPE_COLUMNS, problems) {
            let mut cells = Cells {
                text,
                row: &row,
                problems,
            };
            let component = ComponentRow {
                name: cells.of(2).into(),
                data_type: cells.of(3).into(),
                usage: cells.usage(4).unwrap_or(Usage::Optional),
                length: cells.number(5),
                codes: cells.codes(6, loading),
                pattern: Some(cells.of(8).to_owned()).filter(|text| !text.is_empty()),
                format: Some(cells.of(9))
                    .filter(|text| !text.is_empty())
                    .map(Arc::from),
                unless: cells.unless(10),
                impersonal: cells.of(11) == "no",
                origin: cells.origin(),
            };
            let name: Arc<str> = cells.of(0).into();
            let position = cells.number(1).unwrap_or(0);
            if cells.of(1) == "0" {
                own.insert(name, TypeRows::Simple(component));
                continue;
            }
            let known = own
                .entry(name)
                .or_insert_with(|| TypeRows::Composite(Vec::new()));
            let TypeRows::Composite(components) = known else {
                cells.wrong(1, "a type without components has none".to_owned());
                continue;
            };
            if position != components.len() as u32 + 1 {
                let expected = components.len() + 1;
                let message = format!("this is component {expected} of its type");
                cells.wrong(1, message);
            }
            components.push(component);
        }
        self.types.extend(own);
    }

    fn fields(&mut self, text: &Text, loading: &mut Loading<'_>, problems: &mut Vec<Problem>) {
        let columns: [&str; 11] =
            std::array::from_fn(|column| FIELD_COLUMNS.get(column).copied().unwrap_or("source"));
        let mut last: Option<(Arc<str>, u32)> = None;
        for row in rows(text, columns, problems) {
            let mut cells = Cells {
                text,
                row: &row,
                problems,
            };
            let segment: Arc<str> = cells.of(0).into();
            if !is_segment(&segment) {
                let message = format!("`{segment}` is not the name of a segment");
                cells.wrong(0, message);
                continue;
            }
            let expected = match &last {
                Some((known, position)) if *known == segment => position + 1,
                _ => 1,
            };
            if cells.number(1) != Some(expected) {
                cells.wrong(1, format!("this is field {expected} of its segment"));
            }
            last = Some((Arc::clone(&segment), expected));
            let fields = self.fields.entry(segment).or_default();
            let inherited = fields.remove(&expected).unwrap_or_default();
            let field = cells.field(inherited, loading);
            fields.insert(expected, field);
        }
    }
}

/// The cells of a row, and what is wrong with them.
struct Cells<'c, 't, const N: usize> {
    text: &'t Text,
    row: &'c Row<'t, N>,
    problems: &'c mut Vec<Problem>,
}

impl<const N: usize> Cells<'_, '_, N> {
    fn of(&self, cell: usize) -> &str {
        self.row.cells.get(cell).map_or("", |cell| cell.trim())
    }

    fn wrong(&mut self, cell: usize, message: String) {
        let problem = self.row.problem(self.text, cell, message, None);
        self.problems.push(problem);
    }

    fn origin(&self) -> Origin {
        Origin {
            file: Arc::clone(&self.text.name),
            line: self.row.line,
        }
    }

    fn number(&mut self, cell: usize) -> Option<u32> {
        let said = self.of(cell).to_owned();
        if said.is_empty() {
            return None;
        }
        let number = said.parse().ok();
        if number.is_none() {
            self.wrong(cell, format!("`{said}` is not a number"));
        }
        number
    }

    fn usage(&mut self, cell: usize) -> Option<Usage> {
        let said = self.of(cell).to_owned();
        if said.is_empty() {
            return None;
        }
        let usage = Usage::from_letters(&said);
        if usage.is_none() {
            let known =
                Usage::ALL.map(|usage| format!("{} ({})", usage.letters(), usage.meaning()));
            let message = format!("there is no usage `{said}`: {}", known.join(", "));
            self.wrong(cell, message);
        }
        usage
    }

    /// The code list, and the cell behind it that says whether it is open.
    fn codes(&mut self, cell: usize, loading: &mut Loading<'_>) -> Codes {
        let said = self.of(cell).to_owned();
        let open = match self.of(cell + 1) {
            "" => false,
            "open" => true,
            other => {
                let message =
                    format!("`{other}` is no use of a code list: write `open` or nothing");
                self.wrong(cell + 1, message);
                false
            }
        };
        if said.is_empty() {
            return Codes::default();
        }
        let list = loading.code_list(&said).map(|list| Arc::clone(&list.id));
        if list.is_none() {
            self.wrong(cell, format!("there is no code list `{said}`"));
        }
        Codes { list, open }
    }

    fn unless(&mut self, cell: usize) -> Option<u32> {
        let said = self.of(cell).to_owned();
        if said.is_empty() {
            return None;
        }
        let other = said
            .strip_prefix("unless ")
            .and_then(|other| other.parse().ok());
        if other.is_none() {
            let message = format!("`{said}` is no condition: write `unless 2`");
            self.wrong(cell, message);
        }
        other
    }

    fn occurs(&mut self, cell: usize) -> Option<(u32, Option<u32>)> {
        let said = self.of(cell).to_owned();
        if said.is_empty() {
            return None;
        }
        let occurs = said.split_once("..").and_then(|(min, max)| {
            let most = if max == "*" {
                None
            } else {
                Some(max.parse().ok()?)
            };
            Some((min.parse().ok()?, most))
        });
        if occurs.is_none() {
            let message = format!("`{said}` is not an occurrence: write 0..1 or 1..*");
            self.wrong(cell, message);
        }
        occurs
    }

    /// The field of this row, where it says nothing as it is inherited.
    fn field(&mut self, inherited: FieldRow, loading: &mut Loading<'_>) -> FieldRow {
        let text = |said: &str, inherited: &Arc<str>| match said {
            "" => Arc::clone(inherited),
            said => said.into(),
        };
        let usage = self.usage(3);
        // A code list goes with the data type that it was said of.
        let same = self.of(6).is_empty();
        let codes = self.codes(7, loading);
        FieldRow {
            name: text(self.of(2), &inherited.name),
            usage: usage.or(inherited.usage),
            occurs: self.occurs(4).or(inherited.occurs),
            length: self.number(5),
            data_type: text(self.of(6), &inherited.data_type),
            codes: if codes.list.is_some() || !same {
                codes
            } else {
                inherited.codes
            },
            personal: match self.of(9) {
                "" => inherited.personal,
                said => said == "yes",
            },
            source: text(self.of(10), &inherited.source),
            origin: self.origin(),
        }
    }
}
