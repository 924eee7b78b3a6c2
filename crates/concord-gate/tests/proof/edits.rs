//! Small definitions, and random edits of them.

use std::fmt::Write as _;

use concord_gate::subject::Subject;
use concord_sample::Dice;

use crate::support;

/// A hierarchical definition.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    groups: Vec<Group>,
    values: Vec<Value>,
    effects: [&'static str; 3],
}

#[derive(Debug, Clone)]
struct Group {
    name: String,
    items: Vec<Item>,
    attributes: Vec<Attribute>,
    /// Whether its children stand in any order.
    all: bool,
}

#[derive(Debug, Clone)]
enum Item {
    Element(Leaf),
    Choice(Occurs, Vec<Leaf>),
    Sequence(Occurs, Vec<Leaf>),
}

type Occurs = (u32, Option<u32>);

#[derive(Debug, Clone)]
struct Leaf {
    name: String,
    of: Of,
    occurs: Occurs,
    nillable: bool,
}

#[derive(Debug, Clone, Copy)]
enum Of {
    Value(usize),
    Group(usize),
}

#[derive(Debug, Clone)]
struct Attribute {
    name: String,
    value: usize,
    usage: &'static str,
    fixed: Option<String>,
}

#[derive(Debug, Clone)]
enum Value {
    Token(u32, u32),
    Patterned(&'static str),
    Integer(i32, i32),
    Decimal(u32, u32),
    Date(&'static str, &'static str),
    Codes(Vec<&'static str>),
    Format(&'static str),
    Union(usize, usize),
}

const NAMES: [&str; 18] = [
    "Ward", "Note", "Start", "End", "Method", "Site", "Care", "Person", "Code", "Score", "Reason",
    "Bed", "Unit", "Plan", "Visit", "Stage", "Level", "Kind",
];
const PATTERNS: [&str; 6] = [
    "[A-Z]{3}",
    "[A-Z]{2,3}",
    "[A-Z0-9]{3}",
    "A[0-9]+",
    "[A-F][0-9]{1,4}",
    "(X|Y)[0-9]?",
];
const CODES: [&str; 8] = ["1", "2", "9", "01", "02", "A", "B", "AB"];
const FORMATS: [&str; 6] = [
    "an3",
    "max an5",
    "n2",
    "max n3",
    "an10 CCYY-MM-DD",
    "max an12",
];
const DAYS: [&str; 4] = ["1900-01-01", "2000-02-29", "2025-03-31", "2099-12-31"];
const EFFECTS: [&str; 3] = ["reject-record", "warn", "reject-file"];

fn pick<T: Clone>(dice: &mut Dice, items: &[T]) -> T {
    dice.pick(items).expect("not empty").clone()
}

fn occurs(dice: &mut Dice) -> Occurs {
    pick(
        dice,
        &[
            (1, Some(1)),
            (1, Some(1)),
            (0, Some(1)),
            (0, Some(1)),
            (0, None),
            (1, None),
            (0, Some(3)),
            (2, Some(4)),
        ],
    )
}

fn value(dice: &mut Dice, known: usize) -> Value {
    match dice.below(if known > 1 { 8 } else { 7 }) {
        0 => {
            let least = dice.below(3) as u32;
            Value::Token(least, least + 1 + dice.below(5) as u32)
        }
        1 => Value::Patterned(pick(dice, &PATTERNS)),
        2 => {
            let low = dice.between(-5, 20) as i32;
            Value::Integer(low, low + dice.between(0, 40) as i32)
        }
        3 => {
            let digits = 2 + dice.below(4) as u32;
            Value::Decimal(digits, dice.below(u64::from(digits)) as u32)
        }
        4 => {
            let from = dice.index(3);
            Value::Date(DAYS[from], DAYS[from + 1 + dice.index(3 - from)])
        }
        5 => Value::Codes(codes(dice)),
        6 => Value::Format(pick(dice, &FORMATS)),
        _ => Value::Union(dice.index(known), dice.index(known)),
    }
}

fn codes(dice: &mut Dice) -> Vec<&'static str> {
    let mut codes: Vec<&str> = CODES.into_iter().filter(|_| dice.percent(50)).collect();
    if codes.is_empty() {
        codes.push(CODES[dice.index(CODES.len())]);
    }
    codes
}

impl Group {
    /// A name that no child has.
    fn fresh(&self, dice: &mut Dice) -> Option<String> {
        let taken = self.names();
        let free: Vec<&str> = NAMES
            .into_iter()
            .filter(|name| !taken.contains(name))
            .collect();
        dice.pick(&free).map(|name| (*name).to_owned())
    }

    fn names(&self) -> Vec<&str> {
        self.items
            .iter()
            .flat_map(|item| match item {
                Item::Element(leaf) => std::slice::from_ref(leaf),
                Item::Choice(_, leaves) | Item::Sequence(_, leaves) => leaves,
            })
            .map(|leaf| leaf.name.as_str())
            .collect()
    }

    /// One of the children that are elements, wherever they stand.
    fn leaf(&mut self, dice: &mut Dice) -> Option<&mut Leaf> {
        let count = self.names().len();
        let wanted = dice.index(count);
        self.items
            .iter_mut()
            .flat_map(|item| match item {
                Item::Element(leaf) => std::slice::from_mut(leaf),
                Item::Choice(_, leaves) | Item::Sequence(_, leaves) => leaves.as_mut_slice(),
            })
            .nth(wanted)
    }
}

impl Document {
    pub(crate) fn random(dice: &mut Dice) -> Self {
        let mut values = Vec::new();
        for _ in 0..3 + dice.below(4) {
            let made = value(dice, values.len());
            values.push(made);
        }
        let mut document = Self {
            groups: Vec::new(),
            values,
            effects: ["reject-record", "reject-record", "reject-file"],
        };
        for number in 0..2 + dice.below(3) as usize {
            let mut group = Group {
                name: if number == 0 {
                    "Stay".to_owned()
                } else {
                    format!("Part{number}")
                },
                items: Vec::new(),
                attributes: Vec::new(),
                all: number > 0 && dice.percent(15),
            };
            for _ in 0..=dice.below(5) {
                let Some(leaf) = document.leaf(&group, number, dice) else {
                    break;
                };
                let item = match dice.below(6) {
                    0 if !group.all => {
                        group.items.push(Item::Choice(occurs(dice), vec![leaf]));
                        let other = document.leaf(&group, number, dice);
                        if let (Some(other), Some(Item::Choice(_, leaves))) =
                            (other, group.items.last_mut())
                        {
                            leaves.push(other);
                        }
                        continue;
                    }
                    1 if !group.all => Item::Sequence(
                        pick(dice, &[(0, Some(1)), (1, Some(1)), (0, None)]),
                        vec![leaf],
                    ),
                    _ => Item::Element(leaf),
                };
                group.items.push(item);
            }
            for name in ["kind", "unit"] {
                if dice.percent(25) {
                    let attribute = document.attribute(name, dice);
                    group.attributes.push(attribute);
                }
            }
            document.groups.push(group);
        }
        document
    }

    /// A new child of a group. Groups hold only later ones, so that nothing holds itself.
    fn leaf(&self, group: &Group, number: usize, dice: &mut Dice) -> Option<Leaf> {
        let name = group.fresh(dice)?;
        // The groups that come later are made later, so that only those that are there can be named.
        let later = number + 1..self.groups.len();
        let of = if !later.is_empty() && dice.percent(35) {
            Of::Group(later.start + dice.index(later.len()))
        } else {
            Of::Value(dice.index(self.values.len()))
        };
        let mut how_often = occurs(dice);
        if group.all {
            how_often = (how_often.0.min(1), Some(1));
        }
        Some(Leaf {
            name,
            of,
            occurs: how_often,
            nillable: dice.percent(8),
        })
    }

    fn attribute(&self, name: &str, dice: &mut Dice) -> Attribute {
        Attribute {
            name: name.to_owned(),
            value: dice.index(self.values.len()),
            usage: pick(dice, &["required", "optional", "optional"]),
            fixed: None,
        }
    }

    /// Links groups to later ones, so that all of them are reached.
    pub(crate) fn linked(mut self) -> Self {
        for number in (1..self.groups.len()).rev() {
            let name = format!("Group{number}");
            let leaf = Leaf {
                name,
                of: Of::Group(number),
                occurs: (0, Some(1)),
                nillable: false,
            };
            self.groups[number - 1].items.push(Item::Element(leaf));
        }
        self
    }

    /// One edit of the definition; what it was, for people.
    pub(crate) fn edit(&mut self, dice: &mut Dice) -> String {
        let number = dice.index(self.groups.len());
        let kind = dice.below(16);
        let mut group = self.groups[number].clone();
        let mut said = format!("{}: ", group.name);
        match kind {
            0 | 1 => {
                let all = group.all;
                if let Some(leaf) = group.leaf(dice) {
                    leaf.occurs = occurs(dice);
                    if all {
                        leaf.occurs = (leaf.occurs.0.min(1), Some(1));
                    }
                    let _ = write!(said, "{} occurs {:?}", leaf.name, leaf.occurs);
                }
            }
            2 => {
                let new = self.leaf(&group, number, dice);
                if let Some(leaf) = new {
                    let _ = write!(said, "add {leaf:?}");
                    let place = dice.index(group.items.len() + 1);
                    group.items.insert(place, Item::Element(leaf));
                }
            }
            3 if group.items.len() > 1 => {
                let gone = group.items.remove(dice.index(group.items.len()));
                let _ = write!(said, "remove {gone:?}");
            }
            4 => {
                let name = group.fresh(dice);
                if let (Some(name), Some(leaf)) = (name, group.leaf(dice)) {
                    let _ = write!(said, "rename {} to {name}", leaf.name);
                    leaf.name = name;
                }
            }
            5 if group.items.len() > 1 => {
                let from = dice.index(group.items.len());
                let item = group.items.remove(from);
                let to = dice.index(group.items.len() + 1);
                group.items.insert(to, item);
                let _ = write!(said, "move {from} to {to}");
            }
            6 => {
                let count = self.values.len();
                if let Some(leaf) = group.leaf(dice) {
                    leaf.of = Of::Value(dice.index(count));
                    let _ = write!(said, "{} is now {:?}", leaf.name, leaf.of);
                }
            }
            7 => {
                if let Some(leaf) = group.leaf(dice) {
                    leaf.nillable = !leaf.nillable;
                    let _ = write!(said, "{} nillable {}", leaf.name, leaf.nillable);
                }
            }
            8 => {
                let name = pick(dice, &["kind", "unit", "role"]);
                match group
                    .attributes
                    .iter()
                    .position(|attribute| attribute.name == name)
                {
                    Some(at) if dice.percent(40) => {
                        group.attributes.remove(at);
                    }
                    Some(at) => group.attributes[at] = self.attribute(name, dice),
                    None => group.attributes.push(self.attribute(name, dice)),
                }
                let _ = write!(said, "attributes {:?}", group.attributes);
            }
            9 if !group.all => {
                let at = dice.index(group.items.len());
                group.items[at] = match group.items[at].clone() {
                    Item::Element(leaf) => match dice.below(2) {
                        0 => Item::Choice(occurs(dice), vec![leaf]),
                        _ => Item::Sequence((0, Some(1)), vec![leaf]),
                    },
                    Item::Choice(how_often, mut leaves) => {
                        if leaves.len() > 1 && dice.percent(50) {
                            leaves.remove(dice.index(leaves.len()));
                            Item::Choice(how_often, leaves)
                        } else if dice.percent(50) {
                            Item::Sequence((how_often.0.min(1), Some(1)), leaves)
                        } else {
                            Item::Choice(occurs(dice), leaves)
                        }
                    }
                    Item::Sequence(_, leaves) => {
                        Item::Sequence(pick(dice, &[(0, Some(1)), (1, Some(1)), (0, None)]), leaves)
                    }
                };
                let _ = write!(said, "item {:?}", group.items[at]);
            }
            10 => {
                let which = dice.index(3);
                self.effects[which] = pick(dice, &EFFECTS);
                let _ = write!(said, "effects {:?}", self.effects);
            }
            _ => {
                let at = dice.index(self.values.len());
                let known = at;
                self.values[at] = edited(&self.values[at], known, dice);
                let _ = write!(said, "value V{at}: {:?}", self.values[at]);
            }
        }
        self.groups[number] = group;
        said
    }

    pub(crate) fn subject(&self, version: &str) -> Option<Subject> {
        let mut text = String::from(
            "[element.Stays]\ngroup = \"Stays\"\n[group.Stays]\ncontent = [{ element = \"Stay\", group = \"Stay\", occurs = \"1..*\" }]\n",
        );
        for group in &self.groups {
            let way = if group.all { "all" } else { "content" };
            let _ = write!(text, "[group.{}]\n{way} = [\n", group.name);
            let mut leaves = String::new();
            for item in &group.items {
                match item {
                    Item::Element(leaf) => {
                        let _ = writeln!(leaves, "  {},", self.leaf_text(leaf));
                    }
                    Item::Choice(how_often, inside) => {
                        self.several("choice", *how_often, inside, &mut leaves);
                    }
                    Item::Sequence(how_often, inside) => {
                        self.several("sequence", *how_often, inside, &mut leaves);
                    }
                }
            }
            text.push_str(&leaves);
            text.push_str("]\n");
            if !group.attributes.is_empty() {
                text.push_str("attributes = [\n");
                for Attribute {
                    name,
                    value,
                    usage,
                    fixed,
                } in &group.attributes
                {
                    let fixed = fixed
                        .as_ref()
                        .map_or_else(String::new, |text| format!(", fixed = \"{text}\""));
                    let _ = writeln!(
                        text,
                        "  {{ attribute = \"{name}\", value = \"V{value}\", use = \"{usage}\"{fixed} }},"
                    );
                }
                text.push_str("]\n");
            }
        }
        for (number, value) in self.values.iter().enumerate() {
            let _ = write!(text, "[value.V{number}]\n{}\n", value_text(value));
        }
        let [structure, value, envelope] = self.effects;
        let effects = format!(
            "[effects]\nstructure = \"{structure}\"\nvalue = \"{value}\"\nenvelope = \"{envelope}\"\n"
        );
        support::document_with_effects(version, &text, &effects)
    }

    fn several(&self, word: &str, (min, max): Occurs, leaves: &[Leaf], out: &mut String) {
        let inside: Vec<String> = leaves.iter().map(|leaf| self.leaf_text(leaf)).collect();
        let _ = writeln!(
            out,
            "  {{ {word} = [ {} ], occurs = \"{}\" }},",
            inside.join(", "),
            occurs_text((min, max))
        );
    }

    fn leaf_text(&self, leaf: &Leaf) -> String {
        let of = match leaf.of {
            Of::Value(number) => format!("value = \"V{number}\""),
            Of::Group(number) => format!("group = \"{}\"", self.groups[number].name),
        };
        let nillable = if leaf.nillable {
            ", nillable = true"
        } else {
            ""
        };
        format!(
            "{{ element = \"{}\", {of}, occurs = \"{}\"{nillable} }}",
            leaf.name,
            occurs_text(leaf.occurs)
        )
    }
}

fn occurs_text((min, max): Occurs) -> String {
    match max {
        Some(max) => format!("{min}..{max}"),
        None => format!("{min}..*"),
    }
}

/// The value with one fact changed, or another one.
#[allow(clippy::cast_sign_loss)] // what is below nothing is cut off before
fn edited(old: &Value, known: usize, dice: &mut Dice) -> Value {
    let step = |dice: &mut Dice, by: i64| dice.between(-by, by);
    match old {
        Value::Token(least, most) if dice.percent(80) => {
            let least = (i64::from(*least) + step(dice, 1)).max(0) as u32;
            Value::Token(
                least,
                (i64::from(*most) + step(dice, 2))
                    .max(i64::from(least))
                    .max(1) as u32,
            )
        }
        Value::Patterned(_) if dice.percent(80) => Value::Patterned(pick(dice, &PATTERNS)),
        Value::Integer(low, high) if dice.percent(80) => {
            let low = low + step(dice, 3) as i32;
            Value::Integer(low, (high + step(dice, 3) as i32).max(low))
        }
        Value::Decimal(digits, fraction) if dice.percent(80) => {
            let digits = (i64::from(*digits) + step(dice, 2)).max(1);
            Value::Decimal(
                digits as u32,
                (i64::from(*fraction) + step(dice, 1)).clamp(0, digits) as u32,
            )
        }
        Value::Codes(_) if dice.percent(80) => Value::Codes(codes(dice)),
        _ => value(dice, known),
    }
}

fn value_text(value: &Value) -> String {
    match value {
        Value::Token(least, most) => {
            format!("base = \"xs:token\"\nmin_length = {least}\nmax_length = {most}")
        }
        Value::Patterned(pattern) => format!("base = \"xs:string\"\npattern = \"{pattern}\""),
        Value::Integer(low, high) => {
            format!("base = \"xs:integer\"\nmin = \"{low}\"\nmax = \"{high}\"")
        }
        Value::Decimal(digits, fraction) => {
            format!("base = \"xs:decimal\"\ntotal_digits = {digits}\nfraction_digits = {fraction}")
        }
        Value::Date(from, to) => format!("base = \"xs:date\"\nmin = \"{from}\"\nmax = \"{to}\""),
        Value::Codes(codes) => format!("base = \"xs:token\"\ncodes = {codes:?}"),
        Value::Format(format) => format!("base = \"xs:string\"\nformat = \"{format}\""),
        Value::Union(one, other) => format!("union = [\"V{one}\", \"V{other}\"]"),
    }
}

/// A tabular definition.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    columns: Vec<Column>,
    codes: Vec<&'static str>,
    header: &'static str,
    delimiters: &'static str,
    effects: [&'static str; 3],
}

#[derive(Debug, Clone)]
struct Column {
    name: String,
    mandation: &'static str,
    format: &'static str,
    coded: bool,
}

const COLUMNS: [&str; 10] = [
    "WARD_CODE",
    "START_DATE",
    "SCORE",
    "METHOD",
    "NOTE_TEXT",
    "SITE_CODE",
    "UNIT_COST",
    "VISIT_NUMBER",
    "STAGE",
    "FINANCIAL_YEAR",
];
const TABLE_FORMATS: [&str; 9] = [
    "an2",
    "an3",
    "max an5",
    "max an12",
    "n2",
    "max n4",
    "an10 CCYY-MM-DD",
    "max s4.max n2",
    "max n6.max n2",
];
const HEADERS: [&str; 3] = ["required", "optional", "none"];
const DELIMITERS: [&str; 3] = ["\",\"", "\"|\"", "\",\", \"|\""];

impl Table {
    pub(crate) fn random(dice: &mut Dice) -> Self {
        let mut table = Self {
            columns: Vec::new(),
            codes: codes(dice),
            header: if dice.percent(75) {
                "required"
            } else {
                HEADERS[dice.index(3)]
            },
            delimiters: DELIMITERS[0],
            effects: ["reject-record", "reject-record", "reject-file"],
        };
        for _ in 0..2 + dice.below(5) {
            let column = table.column(dice);
            table.columns.extend(column);
        }
        table
    }

    fn column(&self, dice: &mut Dice) -> Option<Column> {
        let taken = |name: &&&str| !self.columns.iter().any(|column| column.name == ***name);
        let free: Vec<&str> = COLUMNS.iter().filter(taken).copied().collect();
        let name = dice.pick(&free)?;
        Some(Column {
            name: (*name).to_owned(),
            mandation: pick(dice, &["M", "M", "R", "O", "O", "P", "X"]),
            format: pick(dice, &TABLE_FORMATS),
            coded: dice.percent(20),
        })
    }

    pub(crate) fn edit(&mut self, dice: &mut Dice) -> String {
        let at = dice.index(self.columns.len());
        match dice.below(11) {
            0 | 1 => {
                self.columns[at].mandation = pick(dice, &["M", "R", "O", "P", "X"]);
                format!(
                    "{} is {}",
                    self.columns[at].name, self.columns[at].mandation
                )
            }
            2 | 3 => {
                self.columns[at].format = pick(dice, &TABLE_FORMATS);
                format!("{} has {}", self.columns[at].name, self.columns[at].format)
            }
            4 => match self.column(dice) {
                Some(column) => {
                    let said = format!("add {column:?} at {at}");
                    self.columns.insert(at, column);
                    said
                }
                None => "nothing".to_owned(),
            },
            5 if self.columns.len() > 1 => format!("remove {:?}", self.columns.remove(at)),
            6 => match self.column(dice) {
                Some(column) => {
                    let said = format!("rename {} to {}", self.columns[at].name, column.name);
                    self.columns[at].name = column.name;
                    said
                }
                None => "nothing".to_owned(),
            },
            7 => {
                let column = self.columns.remove(at);
                let to = dice.index(self.columns.len() + 1);
                let said = format!("move {} to {to}", column.name);
                self.columns.insert(to, column);
                said
            }
            8 => {
                self.codes = codes(dice);
                format!("codes {:?}", self.codes)
            }
            9 => {
                self.columns[at].coded = !self.columns[at].coded;
                format!("{} coded {}", self.columns[at].name, self.columns[at].coded)
            }
            _ => match dice.below(4) {
                0 => {
                    self.header = pick(dice, &HEADERS);
                    format!("header {}", self.header)
                }
                1 => {
                    self.delimiters = pick(dice, &DELIMITERS);
                    format!("delimiters {}", self.delimiters)
                }
                _ => {
                    let which = dice.index(3);
                    self.effects[which] = pick(dice, &EFFECTS);
                    format!("effects {:?}", self.effects)
                }
            },
        }
    }

    pub(crate) fn subject(&self, version: &str) -> Option<Subject> {
        let columns: Vec<String> = self
            .columns
            .iter()
            .map(|column| {
                let list = if column.coded { "methods" } else { "" };
                let format = if column.coded {
                    "max an2"
                } else {
                    column.format
                };
                format!("{},{},{format},{list}", column.name, column.mandation)
            })
            .collect();
        let [structure, value, envelope] = self.effects;
        let table = format!(
            "header = \"{}\"\ndelimiters = [{}]\n[effects]\nstructure = \"{structure}\"\nvalue = \"{value}\"\nenvelope = \"{envelope}\"\n",
            self.header, self.delimiters
        );
        support::table_coded(version, &columns, &table, &self.codes)
    }
}
