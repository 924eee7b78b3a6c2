//! Whole interchanges into documents of FHIR.

use std::collections::BTreeMap;

use concord_read::edifact::{Interchange, Message, SegmentText};

use crate::compare;
use crate::groups::{Row, Scope, make, take};
use crate::json::Json;
use crate::mapping::{Form, Mapping, Part};
use crate::moment::Moment;
use crate::pattern::Pattern;
use crate::template::{Context, Linked};
use crate::unify::Reading;

/// Holes of the interchange around a message.
pub(crate) const SENDER: &str = "sender";
pub(crate) const RECIPIENT: &str = "recipient";
pub(crate) const SENT: &str = "sent-by-clock";
pub(crate) const CONTROL: &str = "control-reference";
/// Hole of the time at which a message is prepared.
pub(crate) const PREPARED: &str = "prepared";
/// Hole of the transaction, which a form can name.
pub(crate) const TRANSACTION: &str = "transaction";
/// Hole of the type of a message.
pub(crate) const TYPE: &str = "message-type";
/// Holes of the reference of a message, and of the number of a transaction in it.
pub(crate) const MESSAGE: &str = "message-reference";
pub(crate) const NUMBER: &str = "transaction-number";

/// Translates messages of a standard.
#[derive(Debug)]
pub struct Translation {
    pub(crate) mapping: Mapping,
}

/// What an interchange says that a document of FHIR does not, and what a document says of its surroundings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Envelope {
    /// Facts by name: `sender`, `recipient`, `control-reference`, `message-reference`, `transaction`, and what else the holes of a
    /// mapping are called.
    pub facts: BTreeMap<String, String>,
    /// When the interchange is prepared, where that is not said by the document.
    pub moment: Option<Moment>,
}

/// A document made of a message, or of one transaction in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// UNB-5 of the interchange, UNH-1 of the message, and the number of the transaction where there are several.
    pub reference: String,
    /// The form that it follows.
    pub form: String,
    /// The document.
    pub json: Json,
}

/// Values that could not be carried, by place, with how many there are.
pub type Lost = BTreeMap<String, u64>;

/// What came of an input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Translated {
    /// The documents, in the order of the messages.
    pub documents: Vec<Document>,
    /// Messages that there are.
    pub messages: u64,
    /// Messages of which no document was made, with why.
    pub refused: Vec<(String, String)>,
    /// Messages that have nothing to say in FHIR, such as the end of a quarter.
    pub silent: u64,
    /// What could not be carried.
    pub lost: Lost,
}

/// An interchange made of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its text, a line for each segment.
    pub text: String,
    /// The form that it follows.
    pub form: String,
    /// What could not be carried.
    pub lost: Lost,
}

/// A document that cannot be made an interchange.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TranslationError {
    /// It is none that the mapping knows.
    #[error("the document is none that is known: {0}")]
    Unknown(String),
    /// Something must be said besides it.
    #[error("`{0}` is not said by the document")]
    Missing(String),
}

impl Translation {
    /// Translates by a mapping.
    pub fn new(mapping: Mapping) -> Self {
        Self { mapping }
    }

    /// Whether a document can be one of this mapping's.
    pub fn knows(&self, json: &Json) -> bool {
        let reading = Reading::new(&self.mapping, Scope::default());
        self.mapping
            .forms
            .iter()
            .any(|form| reading.fits(&form.template, json))
    }

    /// The documents of all messages of an input. What `accept` says no to is left out, by interchange and message, from 0.
    pub fn to_fhir(
        &self,
        bytes: &[u8],
        envelope: &Envelope,
        accept: &dyn Fn(u64) -> Option<String>,
    ) -> Translated {
        let mut out = Translated::default();
        for interchange in Interchange::read_all(bytes) {
            for message in &interchange.messages {
                let number = out.messages;
                out.messages += 1;
                let reference = message.segments.first().map(|header| header.text(1, 1));
                let control = interchange.header.text(5, 1);
                let name = [control, reference.unwrap_or_default()].join("-");
                let name = name.trim_matches('-').to_owned();
                if let Some(reason) = accept(number) {
                    out.refused.push((name, reason));
                    continue;
                }
                if let Err(reason) = self.message(&interchange, message, &name, envelope, &mut out)
                {
                    out.refused.push((name, reason));
                }
            }
        }
        out
    }

    fn message(
        &self,
        interchange: &Interchange<'_>,
        message: &Message<'_>,
        name: &str,
        envelope: &Envelope,
        out: &mut Translated,
    ) -> Result<(), String> {
        let kind = message.identifier();
        if !self
            .mapping
            .forms
            .iter()
            .any(|form| form.types.contains(&kind))
        {
            return Err(format!("nothing says what {kind} is in FHIR"));
        }
        let body = rows(&message.segments);
        let Some((form, root)) = self.taken(interchange, &kind, &body, envelope) else {
            // What is no transaction of a document has nothing to say in one.
            out.silent += 1;
            for place in self.untold(&kind, &body) {
                *out.lost.entry(place).or_default() += 1;
            }
            return Ok(());
        };
        let documents = self.documents(form, &root, interchange, name);
        for place in self.lost_of(form, &root, &kind, &body, &documents) {
            *out.lost.entry(place).or_default() += 1;
        }
        out.documents
            .extend(documents.into_iter().map(|(_, document)| document));
        Ok(())
    }

    /// Places of a message that no document stands for, but for what all messages of its type begin with.
    fn untold(&self, kind: &String, body: &[Row]) -> Vec<String> {
        let mut forms = self.mapping.forms.iter();
        let Some(form) = forms.find(|form| form.types.contains(kind)) else {
            return Vec::new();
        };
        let common = |row: &&Row| {
            let mut patterns = form.parts.iter().filter_map(Part::segment);
            patterns.any(|pattern| !pattern.optional && pattern.is(&row.tag, &row.elements))
        };
        let own: Vec<Row> = body.iter().filter(|row| !common(row)).cloned().collect();
        compare::rows(&own, &[], &form.parts)
    }

    /// The form of a message, and its holes filled.
    pub(crate) fn taken(
        &self,
        interchange: &Interchange<'_>,
        kind: &String,
        body: &[Row],
        envelope: &Envelope,
    ) -> Option<(&Form, Scope)> {
        let forms = self.mapping.forms.iter();
        let mut known = forms.filter(|form| form.types.contains(kind)).map(|form| {
            let mut root = Scope::default();
            for (name, text) in &envelope.facts {
                root.set_text(name, text.clone());
            }
            take(&form.parts, body, &mut root);
            (form, root)
        });
        let (form, mut root) = known.find(|(form, root)| {
            let transaction = root.text(TRANSACTION).unwrap_or_default();
            form.transactions.is_empty() || form.transactions.contains(&transaction)
        })?;
        let header = interchange.header.elements();
        self.header(form).take(&header, &mut root);
        Some((form, root))
    }

    /// UNB of a form.
    pub(crate) fn header<'f>(&'f self, form: &'f Form) -> &'f Pattern {
        form.interchange
            .as_ref()
            .unwrap_or(&self.mapping.interchange)
    }

    /// The documents of a message, each with the number of its group.
    pub(crate) fn documents(
        &self,
        form: &Form,
        root: &Scope,
        interchange: &Interchange<'_>,
        name: &str,
    ) -> Vec<(usize, Document)> {
        let count = form
            .each
            .as_ref()
            .map_or(1, |each| root.groups.get(each).map_or(0, Vec::len));
        let links = Linked::new(&self.mapping, root);
        let mut out = Vec::new();
        for number in 0..count {
            let reference = if count > 1 {
                format!("{name}-{}", number + 1)
            } else {
                name.to_owned()
            };
            let sender = interchange.header.text(2, 1);
            let seed = format!("{sender}/{}/{reference}", interchange.header.text(5, 1));
            let mut scopes = vec![(root, "", 0)];
            if let Some((name, inner)) = form
                .each
                .as_ref()
                .and_then(|each| root.groups.get_key_value(each))
            {
                scopes.extend(
                    inner
                        .get(number)
                        .map(|scope| (scope, name.as_str(), number)),
                );
            }
            let context = Context {
                mapping: &self.mapping,
                scopes,
                seed: &seed,
                links: &links,
            };
            if let Some(json) = context.fill(&form.template).into_value() {
                let document = Document {
                    reference,
                    form: form.name.clone(),
                    json,
                };
                out.push((number, document));
            }
        }
        out
    }

    /// Places of a message that do not come back out of its documents.
    fn lost_of(
        &self,
        form: &Form,
        root: &Scope,
        kind: &str,
        body: &[Row],
        documents: &[(usize, Document)],
    ) -> Vec<String> {
        let (mut again, mut lost) = (Vec::new(), Vec::new());
        for (at, (number, document)) in documents.iter().enumerate() {
            let inner = form
                .each
                .as_ref()
                .and_then(|each| root.groups.get(each)?.get(*number));
            let said = |name| {
                inner
                    .and_then(|inner| inner.text(name))
                    .or_else(|| root.text(name))
            };
            let known = [TRANSACTION, MESSAGE, NUMBER].into_iter();
            let known = known.filter_map(|name| Some((name.to_owned(), said(name)?)));
            let mut envelope = Envelope {
                facts: known.collect(),
                moment: None,
            };
            envelope.facts.insert(TYPE.to_owned(), kind.to_owned());
            let (mut made, prepared) = self.made_again(form, document, &envelope);
            let wanted = said(PREPARED);
            if prepared != wanted {
                let wanted = wanted.map(|wanted| (PREPARED.to_owned(), wanted));
                envelope.facts.extend(wanted);
                let (told, _) = self.made_again(form, document, &envelope);
                if at == 0 {
                    // The code behind it, which says how it is written, is lost with it.
                    lost.extend(compare::rows(&told, &made, &form.parts).into_iter().next());
                }
                made = told;
            }
            // What all transactions of a message have in common is written once.
            let common = if at > 0 {
                before_groups(form, &made)
            } else {
                0
            };
            again.extend(made.drain(common..));
        }
        lost.extend(compare::rows(body, &again, &form.parts));
        lost
    }

    /// The segments of a message made of a document, and when they say that it was prepared.
    fn made_again(
        &self,
        form: &Form,
        document: &Document,
        envelope: &Envelope,
    ) -> (Vec<Row>, Option<String>) {
        let mut reading = Reading::new(&self.mapping, Scope::default());
        reading.take(&form.template, &document.json, "");
        let scope = self.completed(form, &mut reading, envelope);
        let mut made = Vec::new();
        make(&form.parts, &[&scope], &mut made);
        (made, scope.text(PREPARED))
    }
}

/// The segments of a message between its header and its trailer.
pub(crate) fn rows(segments: &[SegmentText<'_>]) -> Vec<Row> {
    let inner = segments
        .iter()
        .filter(|segment| !matches!(segment.tag(), "UNH" | "UNT"));
    inner
        .map(|segment| Row {
            tag: segment.tag().to_owned(),
            elements: segment.elements(),
        })
        .collect()
}

/// How many segments stand before the groups that documents are made of.
fn before_groups(form: &Form, rows: &[Row]) -> usize {
    let each = form.each.as_deref();
    let mut groups = form.parts.iter().filter_map(Part::group);
    let own = groups.find(|group| each.is_some() && group.name.as_deref() == each);
    let start = own.and_then(|group| rows.iter().position(|row| row.tag == group.trigger));
    start.unwrap_or(rows.len())
}
