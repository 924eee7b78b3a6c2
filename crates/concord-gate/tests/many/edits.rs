//! Definitions of many tables edited at random.

use std::fmt::Write as _;

use concord_gate::subject::Subject;
use concord_sample::Dice;

use crate::support::Files;
use crate::support::many::{ALL_FIELDS, files};

/// A definition that can be edited.
#[derive(Debug, Clone)]
pub(crate) struct Edited {
    columns: Vec<Column>,
    /// Rules of [`POOL`] and their variants.
    rules: Vec<(usize, usize)>,
    /// Effects of what stands beside columns: presence, format, codes.
    effects: [usize; 3],
    structure: usize,
    codes: usize,
    scales: usize,
    extra: bool,
}

#[derive(Debug, Clone)]
struct Column {
    table: &'static str,
    name: String,
    mandation: &'static str,
    format: &'static str,
    codes: &'static str,
    key: bool,
    references: &'static str,
    beside: [bool; 3],
}

const EFFECTS: [&str; 4] = ["reject-record", "warn", "reject-group", "reject-file"];
const STRUCTURE: [&str; 3] = ["", "reject-file", "warn"];
const FORMATS: [&str; 16] = [
    "max an20",
    "an2",
    "an1",
    "max an4",
    "min an2 max an4",
    "n2",
    "max n4",
    "an10",
    "an10 CCYY-MM-DD",
    "max n2.max n2",
    "an8 HH:MM:SS",
    "nhs-number",
    "n10",
    "snomed",
    "/^[A-Z][0-9]?$/",
    "",
];
const CODES: [&str; 5] = ["", "list", "1|2", "1|2|9", "AA|BB"];
const LISTS: [&str; 5] = [
    "code,meaning,valid_from,valid_to\n1,One,,\n2,Two,,\n9,Nine,,\n",
    "code,meaning,valid_from,valid_to\n1,One,,\n2,Two,,\n",
    "code,meaning,valid_from,valid_to\n1,One,,\n2,Two,,2020-03-31\n9,Nine,,\n",
    "code,meaning,valid_from,valid_to\n1,Other,,\n2,Two,2030-04-01,\n3,Three,,\n",
    "code,meaning,valid_from,valid_to\n1,One,,\n2,Two,,\n9,Nine,,2040-03-31\n",
];
const SCALES: [&str; 6] = [
    "111,,0,9,,,\n",
    "111,,0,5,,,\n",
    "111,,0,9,1,,\n",
    "111,,0,9,,,\n222,,1,3,,NA,\n",
    "111,,0,9,,X|Y,\n",
    "222,,0,5,,,max n1\n",
];

/// Rules, each with its table, in variants.
const POOL: [(&str, &str, &[&str]); 20] = [
    (
        "P-01",
        "M101Referral",
        &[
            "unique = [\"Referral\"]",
            "unique = [\"Referral\", \"Person\"]",
            "unique = { columns = [\"Referral\"], when = [{ column = \"Source\", filled = true }] }",
            "unique = { columns = [\"Person\", \"Source\"], blanks = true }",
            "unique = [\"Person\", \"Source\"]",
            "unique = { columns = [\"Referral\"], counted = [{ column = \"Source\", filled = true }] }",
        ],
    ),
    ("P-02", "M101Referral", &["needs = \"M001Person\""]),
    ("P-03", "M102Contact", &["needs = \"M101Referral\""]),
    ("P-04", "M102Contact", &["needs = \"M001Person\""]),
    (
        "P-05",
        "M101Referral",
        &[
            "one_of = [\"Closed\", \"Source\"]",
            "one_of = [\"Closed\", \"Source\", \"Opened\"]",
            "one_of = { columns = [\"Source\"], when = [{ column = \"Closed\", filled = true }] }",
        ],
    ),
    (
        "P-06",
        "M101Referral",
        &[
            "required = { columns = [\"Source\"], when = [{ column = \"Closed\", filled = true }] }",
            "required = { columns = [\"Source\"], when = [{ column = \"Closed\", in = [\"2024-04-15\"] }] }",
            "required = [\"Source\"]",
            "required = [\"Source\", \"Closed\"]",
        ],
    ),
    (
        "P-07",
        "M101Referral",
        &[
            "blank = { columns = [\"Closed\"], when = [{ column = \"Source\", in = [\"AA\"] }] }",
            "blank = { columns = [\"Closed\"], when = [{ column = \"Source\", in = [\"AA\", \"BB\"] }] }",
            "blank = { columns = [\"Closed\"], when = [{ column = \"Source\", not_in = [\"AA\"] }] }",
            "blank = [\"Closed\"]",
        ],
    ),
    (
        "P-08",
        "M101Referral",
        &[
            "on_or_after = { column = \"Closed\", limit = \"Opened\" }",
            "on_or_after = { column = \"Closed\", limit = \"Opened\", days = 1 }",
            "on_or_after = { column = \"Closed\", limit = \"Opened\", days = -1 }",
            "on_or_after = { column = \"Closed\", limit = \"Opened\", months = 1 }",
            "on_or_before = { column = \"Closed\", limit = \"Opened\" }",
        ],
    ),
    (
        "P-09",
        "M101Referral",
        &[
            "on_or_before = { column = \"Opened\", limit = \"M000Header.End\" }",
            "on_or_before = { column = \"Opened\", limit = \"2024-06-01\" }",
            "on_or_before = { column = \"Opened\", limit = \"M000Header.End\", days = 5 }",
        ],
    ),
    (
        "P-10",
        "M101Referral",
        &[
            "code = { column = \"Source\", values = [\"AA\", \"BB\"] }",
            "code = { column = \"Source\", values = [\"AA\", \"BB\", \"CC\"] }",
            "code = { column = \"Source\", not = [\"AA\"] }",
            "code = { column = \"Source\", values = [\"AA\"], when = [{ column = \"Closed\", filled = true }] }",
            "code = { column = \"Source\", list = \"list\" }",
            "code = { column = \"Source\", values = [\"AA\", \"BB\"], blank = \"fails\" }",
        ],
    ),
    (
        "P-11",
        "M101Referral",
        &[
            "form = { column = \"Source\", is = \"an2\" }",
            "form = { column = \"Source\", is_not = \"n2\" }",
            "form = { column = \"Source\", is = \"max an4\" }",
            "form = { column = \"Source\", is = \"n2\" }",
        ],
    ),
    ("P-12", "M001Person", &["singleton = true"]),
    (
        "P-13",
        "M102Contact",
        &[
            "equal = { column = \"Person\", to = \"Score\" }",
            "equal = { column = \"Person\", to = \"Score\", blank = \"passes\" }",
        ],
    ),
    ("P-14", "M101Referral", &["rows = true"]),
    ("P-15", "M000Header", &["sound_header = true"]),
    (
        "P-16",
        "M102Contact",
        &[
            "scheme = { column = \"Score\", scheme = \"Tool\", forms = { \"111\" = \"max n2\", \"222\" = \"an2\" } }",
            "scheme = { column = \"Score\", scheme = \"Tool\", forms = { \"111\" = \"max n4\" } }",
            "scheme = { column = \"Score\", scheme = \"Tool\", forms = { \"111\" = \"max an4\", \"222\" = \"max an2\" } }",
        ],
    ),
    (
        "P-17",
        "M102Contact",
        &[
            "on_or_after = { column = \"Score\", limit = \"M101Referral.Opened\" }",
            "on_or_after = { column = \"Score\", limit = \"M101Referral.Opened\", days = 2 }",
        ],
    ),
    (
        "P-18",
        "M000Header",
        &[
            "in_period = { columns = [\"M101Referral.Opened\"], valid = true }",
            "in_period = { columns = [\"M101Referral.Opened\", \"M101Referral.Closed\"] }",
        ],
    ),
    ("P-19", "M102Contact", &["never = true"]),
    (
        "P-20",
        "M001Person",
        &[
            "age = { column = \"Born\", at = \"M000Header.End\", until = \"M000Header.End\", greatest = 120 }",
            "age = { column = \"Born\", at = \"M000Header.End\", until = \"M000Header.End\", greatest = 20 }",
        ],
    ),
];

const SCALED: &str = "
[[rule]]
id = \"M-TOOL\"
table = \"M102Contact\"
effect = \"EFFECT\"
scale = { tool = \"Tool\", score = \"Score\", judge = \"tool\" }

[[rule]]
id = \"M-SCORE\"
table = \"M102Contact\"
effect = \"reject-record\"
scale = { tool = \"Tool\", score = \"Score\", judge = \"score\" }

[[rule]]
id = \"M-WRITTEN\"
table = \"M102Contact\"
effect = \"reject-record\"
scale = { tool = \"Tool\", score = \"Score\", judge = \"format\" }
";

impl Edited {
    /// The definition of the tests, with some rules.
    pub(crate) fn new(dice: &mut Dice) -> Self {
        let base = files(&[]);
        let rows = base["many/1/fields.csv"].lines().skip(1);
        let columns = rows.map(|row| {
            let cells: Vec<&str> = row.split(',').collect();
            let known = |all: &[&'static str], text: &str| {
                all.iter().copied().find(|one| *one == text).unwrap_or("")
            };
            Column {
                table: known(
                    &["M000Header", "M001Person", "M101Referral", "M102Contact"],
                    cells[0],
                ),
                name: cells[2].to_owned(),
                mandation: known(&["M", "R", "O"], cells[5]),
                format: known(
                    &[
                        "max an20",
                        "an1",
                        "an2",
                        "an3",
                        "max an4",
                        "max an5",
                        "min an3 max an6",
                        "an10 CCYY-MM-DD",
                    ],
                    cells[6],
                ),
                codes: known(&CODES, cells[7]),
                key: cells[8] == "Y",
                references: known(&["M001Person.Person", "M101Referral.Referral"], cells[9]),
                beside: [
                    !cells[10].is_empty(),
                    !cells[11].is_empty(),
                    !cells[12].is_empty(),
                ],
            }
        });
        let mut edited = Self {
            columns: columns.collect(),
            rules: Vec::new(),
            effects: [0, 0, 0],
            structure: dice.index(STRUCTURE.len()),
            codes: 0,
            scales: 0,
            extra: false,
        };
        for _ in 0..dice.index(7) {
            edited.rule(dice);
        }
        edited
    }

    fn rule(&mut self, dice: &mut Dice) {
        let number = dice.index(POOL.len());
        // A table of which no row is taken is of little use.
        if number == 18 && dice.percent(80) {
            return;
        }
        let variant = dice.index(POOL[number].2.len());
        match self.rules.iter().position(|(known, _)| *known == number) {
            Some(at) if dice.percent(40) => drop(self.rules.remove(at)),
            Some(at) => self.rules[at].1 = variant,
            None => {
                let at = dice.index(self.rules.len() + 1);
                self.rules.insert(at, (number, variant));
            }
        }
    }

    /// One edit.
    pub(crate) fn edit(&mut self, dice: &mut Dice) {
        // Columns that say what other tables are known by stay what they are.
        let free: Vec<usize> = (0..self.columns.len())
            .filter(|at| {
                let column = &self.columns[*at];
                column.table != "M000Header" && !column.key && column.references.is_empty()
            })
            .collect();
        let column = free[dice.index(free.len())];
        match dice.index(14) {
            0..5 => self.rule(dice),
            5 => self.columns[column].format = FORMATS[dice.index(FORMATS.len())],
            6 => self.columns[column].codes = CODES[dice.index(CODES.len())],
            7 => {
                let beside = &mut self.columns[column].beside[dice.index(3)];
                *beside = !*beside;
            }
            8 => {
                let must = dice.percent(50);
                self.columns[column].mandation = if must { "M" } else { "R" };
                self.columns[column].beside[0] = must;
            }
            9 => {
                let of = self.columns[column].table;
                let name = format!(
                    "{}{}",
                    ["New", "Other", "Late"][dice.index(3)],
                    dice.index(3)
                );
                if self
                    .columns
                    .iter()
                    .all(|known| known.table != of || known.name != name)
                {
                    let must = dice.percent(30);
                    let at = self.columns.iter().rposition(|known| known.table == of);
                    self.columns.insert(
                        at.expect("of a table") + 1,
                        Column {
                            table: of,
                            name,
                            mandation: if must { "M" } else { "O" },
                            format: FORMATS[dice.index(FORMATS.len())],
                            codes: CODES[dice.index(CODES.len())],
                            key: false,
                            references: "",
                            beside: [must, dice.percent(60), dice.percent(60)],
                        },
                    );
                }
            }
            10 => {
                // One that no rule names.
                if self.columns[column]
                    .name
                    .ends_with(|letter: char| letter.is_ascii_digit())
                {
                    self.columns.remove(column);
                }
            }
            11 => match dice.index(4) {
                0 => self.effects[dice.index(3)] = dice.index(EFFECTS.len()),
                1 => self.structure = dice.index(STRUCTURE.len()),
                2 => self.codes = dice.index(LISTS.len()),
                _ => self.scales = dice.index(SCALES.len()),
            },
            12 => {
                let named = &mut self.columns[column].name;
                if named.ends_with(|letter: char| letter.is_ascii_digit()) {
                    named.push_str(&dice.index(9).to_string());
                }
            }
            _ => self.extra = !self.extra,
        }
    }

    /// The definition; `None` when it makes no sense.
    pub(crate) fn subject(&self) -> Option<Subject> {
        let files = self.files();
        let definition = concord_standards::definition::Definition::load(&files, "many/1").ok()?;
        Some(crate::support::subject(definition))
    }

    pub(crate) fn files(&self) -> Files {
        let mut fields = format!("{ALL_FIELDS}\n");
        let mut elements = "name,xml_names,format,code_list,personal,source\n".to_owned();
        let mut names = Vec::new();
        let mut positions = std::collections::BTreeMap::new();
        for column in &self.columns {
            let position = positions.entry(column.table).or_insert(0);
            *position += 1;
            let beside = |at: usize, id: &str, sense: bool| {
                if column.beside[at] && sense {
                    format!("{id} {}", EFFECTS[self.effects[at]])
                } else {
                    String::new()
                }
            };
            let element = column.name.to_uppercase();
            if !names.contains(&element) {
                writeln!(elements, "{element},,,,no,a test").unwrap();
                names.push(element.clone());
            }
            writeln!(
                fields,
                "{},{position},{},,{element},{},{},{},{},{},{},{},{},a test,",
                column.table,
                column.name,
                column.mandation,
                column.format,
                column.codes,
                if column.key { "Y" } else { "" },
                column.references,
                beside(0, "M-BLANK", true),
                beside(1, "M-FORMAT", !column.format.is_empty()),
                beside(2, "M-CODE", !column.codes.is_empty()),
            )
            .unwrap();
        }
        if self.extra {
            fields.push_str("M103Extra,1,Contact,,CONTACT,R,max an20,,,,,M-FORMAT,,a test,\n");
        }
        let mut rules = String::new();
        match STRUCTURE[self.structure] {
            "" => {}
            effect => writeln!(
                rules,
                "[[rule]]\nid = \"M-SHAPE\"\ntable = \"M000Header\"\neffect = \"{effect}\"\nstructure = true\n"
            )
            .unwrap(),
        }
        for (number, variant) in &self.rules {
            let (id, table, checks) = POOL[*number];
            // Half of them warn in some variants, so that effects differ too.
            let effect = EFFECTS[usize::from((number + variant) % 5 == 4)];
            writeln!(
                rules,
                "[[rule]]\nid = \"{id}\"\ntable = \"{table}\"\neffect = \"{effect}\"\n{}\n",
                checks[*variant]
            )
            .unwrap();
        }
        let effect = EFFECTS[self.scales % 2];
        rules.push_str(&SCALED.replace("EFFECT", effect));
        let scales = format!(
            "tool,name,least,greatest,decimals,values,format\n{}",
            SCALES[self.scales]
        );
        let mut files = files(&[
            ("scales.csv", &scales),
            ("codes/list.csv", LISTS[self.codes]),
        ]);
        files.insert("many/1/fields.csv".to_owned(), fields);
        files.insert("many/1/rules.toml".to_owned(), rules);
        files.insert("elements.csv".to_owned(), elements);
        if self.extra {
            let standard = files.get_mut("many/1/standard.toml").expect("is there");
            standard.push_str("\n[[table]]\nname = \"M103Extra\"\n");
        }
        files
    }
}
