//! The row of names: which cell is which column.

use std::sync::Arc;

use concord_finding::{Effect, Fact, Finding};
use concord_read::delimited::{Cell, Detected, Dialect, How, Rows};
use concord_standards::layout::{HeaderMatch, HeaderUse, Mandation, normalised_header};

use super::plan::TablePlan;
use crate::catalogue::BuiltinRule;
use crate::output::Draft;

/// Most names that a finding lists.
const LISTED: usize = 12;

/// Edits by which a name may differ from a column's to be taken for a slip.
const SLIPS: usize = 3;

/// The first row of a delimited table, which may name its columns.
#[derive(Debug, Clone)]
pub struct HeaderRow {
    /// What separates and quotes the cells, and how that is known.
    pub detected: Detected,
    /// The texts of its cells, blanks around them removed.
    pub cells: Vec<String>,
    /// Where each cell stands.
    places: Vec<Cell>,
    /// Where it begins.
    start: usize,
    /// Where the next row begins.
    pub(crate) next: usize,
}

/// The first row that is not blank; `None` when there is none.
///
/// `permitted` are the delimiters that are preferred where the rows do not decide.
pub fn header_row(first: &[u8], permitted: &[u8]) -> Option<HeaderRow> {
    let detected = Dialect::detect(first, permitted);
    let mut rows = Rows::new(first, detected.dialect).starting_at(detected.skip);
    let mut places = Vec::new();
    while let Some(row) = rows.next(&mut places) {
        if row.blank {
            continue;
        }
        let cells = places
            .iter()
            .map(|cell| {
                let text = cell.text(first);
                text.trim_start_matches('\u{feff}').trim().to_owned()
            })
            .collect();
        return Some(HeaderRow {
            detected,
            cells,
            places,
            start: row.start,
            next: row.next,
        });
    }
    None
}

/// Which cell is which column, for the rows of one input.
#[derive(Debug)]
pub(crate) struct Columns {
    /// For each cell of a row the column that it holds.
    pub(crate) fields: Vec<Option<u16>>,
    /// The columns' names as the input writes them, normalised; empty without a header.
    pub(crate) names: Vec<String>,
    /// Elements of the columns that the input does not have.
    pub(crate) missing: Vec<Arc<str>>,
    /// Where the first row of data begins.
    pub(crate) data: usize,
}

impl Columns {
    /// Whether a finding only repeats, for one more row, that a column is missing.
    pub(crate) fn repeats_missing(&self, finding: &Finding) -> bool {
        let element = finding.element.as_ref();
        finding.value.is_none() && element.is_some_and(|element| self.missing.contains(element))
    }

    /// Cells in the order of the layout.
    pub(crate) fn by_position(plan: &TablePlan, data: usize) -> Self {
        let count = plan.fields.len();
        Self {
            fields: (0..count).map(|field| Some(field as u16)).collect(),
            names: Vec::new(),
            missing: Vec::new(),
            data,
        }
    }
}

/// Reads the header, and says what is wrong with it.
pub(crate) fn columns(
    plan: &TablePlan,
    file: &Arc<str>,
    row: &HeaderRow,
    drafts: &mut Vec<Draft>,
) -> Columns {
    let mut reader = Reader {
        plan,
        file,
        row,
        drafts,
    };
    reader.delimiter();
    let layout = plan.layout();
    if layout.header == HeaderUse::None {
        return Columns::by_position(plan, row.start);
    }
    let names: Vec<&str> = row.cells.iter().map(String::as_str).collect();
    let matched = plan.layout.match_header(&names);
    let known = matched.matched();
    if known * 2 < row.cells.len().min(plan.fields.len()) && known < 3 {
        if layout.header == HeaderUse::Required {
            reader.no_header();
        }
        return Columns::by_position(plan, row.start);
    }
    reader.spellings(&matched);
    reader.repeated(&matched);
    let slips = reader.missing_and_unknown(&matched);
    let mut fields: Vec<Option<u16>> = matched
        .columns
        .iter()
        .map(|field| field.map(|field| field as u16))
        .collect();
    for (cell, field) in &slips {
        fields[*cell] = Some(*field as u16);
    }
    Columns {
        fields,
        names: names.iter().map(|name| normalised_header(name)).collect(),
        missing: matched
            .missing
            .iter()
            .filter(|field| !slips.iter().any(|(_, slip)| slip == *field))
            .map(|field| layout.fields[*field].element.clone())
            .collect(),
        data: row.next,
    }
}

struct Reader<'r> {
    plan: &'r TablePlan,
    file: &'r Arc<str>,
    row: &'r HeaderRow,
    drafts: &'r mut Vec<Draft>,
}

impl Reader<'_> {
    /// A finding about a cell of the header, or about the whole of it.
    fn draft(&mut self, rule: BuiltinRule, cell: Option<usize>) -> &mut Draft {
        let rule = rule.rule();
        let mut finding = Finding::new(Arc::clone(rule), Arc::clone(self.file));
        finding.standard.clone_from(&self.plan.standard);
        finding.authority.clone_from(&self.plan.authority);
        let cell = cell.and_then(|cell| self.row.places.get(cell));
        let (offset, length) =
            cell.map_or((self.row.start as u32, 0), |cell| (cell.start, cell.length));
        self.drafts.push(Draft {
            finding,
            offset,
            length,
            record: None,
            compared: None,
            unread: None,
            unusable: false,
        });
        self.drafts.last_mut().expect("one was just added")
    }

    fn delimiter(&mut self) {
        let permitted = &self.plan.layout().delimiters;
        let found = self.row.detected.dialect.delimiter;
        let declared = self.row.detected.how == How::Declared;
        if permitted.is_empty() || permitted.contains(&found) || self.row.cells.len() < 2 {
            if declared && self.plan.layout().header == HeaderUse::Required {
                self.no_header();
                self.at_declaration();
            }
            return;
        }
        let expected: Vec<&str> = permitted.iter().map(|byte| delimiter_name(*byte)).collect();
        let expected = expected.join(" or ");
        let draft = self.draft(BuiltinRule::TableDelimiter, None);
        draft.finding.value = Some(Fact::Plain(delimiter_name(found).to_owned()));
        draft.finding.expected = Some(Fact::Plain(expected));
        let how = if declared {
            "its first line says so"
        } else {
            "it divides the rows evenly"
        };
        draft.plain("how", how);
        if declared {
            self.at_declaration();
        }
    }

    /// Puts the last finding where the first line declares the delimiter.
    fn at_declaration(&mut self) {
        if let Some(draft) = self.drafts.last_mut() {
            (draft.offset, draft.length) = (0, "sep=,".len() as u32);
        }
    }

    fn no_header(&mut self) {
        let first = self.plan.layout().fields.first();
        let first = first.map_or_else(String::new, |field| field.column.to_string());
        let draft = self.draft(BuiltinRule::TableHeaderMissing, None);
        draft.finding.expected = Some(Fact::Plain(format!("{first}, …")));
    }

    /// Names that are understood but are not the standard's own.
    fn spellings(&mut self, matched: &HeaderMatch) {
        let Some(rule) = self.plan.spelling.clone() else {
            return;
        };
        for (cell, field) in matched.columns.iter().enumerate() {
            let Some(field) = *field else { continue };
            let field = &self.plan.layout().fields[field];
            let written = &self.row.cells[cell];
            if same(written, &field.column) || same(written, &field.element) {
                continue;
            }
            let (column, written) = (field.column.to_string(), written.clone());
            let standard = self.plan.standard.clone();
            let draft = self.draft(BuiltinRule::TableColumnName, Some(cell));
            draft.finding = Finding::new(Arc::clone(&rule), Arc::clone(&draft.finding.file));
            draft.finding.standard = standard;
            draft.finding.value = Some(Fact::Plain(written));
            draft.finding.expected = Some(Fact::Plain(column));
        }
    }

    fn repeated(&mut self, matched: &HeaderMatch) {
        for (cell, repeated) in &matched.duplicated {
            let mut columns = matched.columns.iter();
            let first = columns.position(|field| field == &Some(*repeated));
            let first = first.map_or(0, |other| other + 1);
            let written = self.row.cells[*cell].clone();
            let draft = self.draft(BuiltinRule::TableColumnRepeated, Some(*cell));
            draft.finding.value = Some(Fact::Plain(written));
            draft.fact("first", Fact::Number(first as u64));
            draft.fact("second", Fact::Number(*cell as u64 + 1));
        }
    }

    /// A column that is missing and a name that is nearly its name are one slip. Gives the cells of such names, and the
    /// columns that they stand for.
    fn missing_and_unknown(&mut self, matched: &HeaderMatch) -> Vec<(usize, usize)> {
        let fields = &self.plan.layout().fields;
        let mut slips = Vec::new();
        let mut unknown: Vec<usize> = matched.unknown.clone();
        for missing in &matched.missing {
            let field = &fields[*missing];
            let effect = match field.mandation {
                Mandation::Mandatory => Effect::RejectFile,
                Mandation::Required => Effect::Warn,
                Mandation::Optional | Mandation::Pilot | Mandation::NotUsed => Effect::Note,
            };
            let wanted = normalised_header(&field.column);
            let slip = unknown
                .iter()
                .map(|cell| {
                    let name = normalised_header(&self.row.cells[*cell]);
                    (strsim::damerau_levenshtein(&name, &wanted), *cell)
                })
                .filter(|(distance, _)| *distance <= SLIPS && *distance * 4 <= wanted.len())
                .min();
            let column = field.column.to_string();
            let (element, mandation) = (Arc::clone(&field.element), field.mandation.meaning());
            let draft = if let Some((_, cell)) = slip {
                unknown.retain(|other| *other != cell);
                slips.push((cell, *missing));
                let written = self.row.cells[cell].clone();
                let draft = self.draft(BuiltinRule::TableColumnName, Some(cell));
                draft.finding.value = Some(Fact::Plain(written));
                draft
            } else {
                self.draft(BuiltinRule::TableColumnMissing, None)
            };
            draft.finding.effect = effect;
            draft.finding.element = Some(element);
            draft.finding.expected = Some(Fact::Plain(column));
            draft.plain("mandation", mandation);
        }
        let Some(first) = unknown.first().copied() else {
            return slips;
        };
        let mut listed: Vec<String> = unknown
            .iter()
            .take(LISTED)
            .map(|cell| match self.row.cells[*cell].as_str() {
                "" => format!("(column {}, without a name)", cell + 1),
                name => name.to_owned(),
            })
            .collect();
        if unknown.len() > LISTED {
            listed.push("…".to_owned());
        }
        let count = unknown.len() as u64;
        let draft = self.draft(BuiltinRule::TableColumnUnknown, Some(first));
        draft.finding.value = Some(Fact::Number(count));
        draft.plain("columns", listed.join(", "));
        slips
    }
}

/// Whether two names differ by no more than capitals, and blanks for underscores.
fn same(written: &str, name: &str) -> bool {
    let plain = |byte: u8| match byte {
        b' ' => b'_',
        other => other.to_ascii_uppercase(),
    };
    written.bytes().map(plain).eq(name.bytes().map(plain))
}

fn delimiter_name(byte: u8) -> &'static str {
    match byte {
        b',' => "a comma",
        b';' => "a semicolon",
        b'\t' => "a tab",
        b'|' => "a vertical bar",
        b':' => "a colon",
        b' ' => "a space",
        _ => "another character",
    }
}
