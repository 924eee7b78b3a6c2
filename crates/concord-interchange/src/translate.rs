//! Whole interchanges into documents of FHIR, and documents into interchanges.

use std::collections::{BTreeMap, BTreeSet};

use concord_read::edifact::{Interchange, Message, SegmentText, Service, write_segment};

use crate::groups::{Row, Scope, make, take};
use crate::json::Json;
use crate::mapping::{Default as Usual, Form, Mapping};
use crate::moment::Moment;
use crate::pattern::Pattern;
use crate::template::{Context, Linked, Piece, pieces};
use crate::transform::{century, to_fhir};
use crate::unify::Reading;

/// Holes of the interchange around a message.
const SENDER: &str = "sender";
const RECIPIENT: &str = "recipient";
const SENT: &str = "sent-by-clock";
const CONTROL: &str = "control-reference";
/// Hole of the time at which a message is prepared.
const PREPARED: &str = "prepared";
/// Hole of the transaction, which a form can name.
const TRANSACTION: &str = "transaction";
/// Hole of the type of a message.
const TYPE: &str = "message-type";

/// Translates messages of a standard.
#[derive(Debug)]
pub struct Translation {
    mapping: Mapping,
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
        let of_type = |form: &&Form| form.types.contains(&kind);
        if !self.mapping.forms.iter().any(|form| of_type(&form)) {
            return Err(format!("nothing says what {kind} is in FHIR"));
        }
        let body = rows(&message.segments);
        let mut found = None;
        for form in self.mapping.forms.iter().filter(of_type) {
            let mut root = Scope::default();
            for (name, text) in &envelope.facts {
                root.set_text(name, text.clone());
            }
            let mut lost = Vec::new();
            take(&form.parts, &body, &mut root, &mut lost);
            let transaction = root.text(TRANSACTION).unwrap_or_default();
            if form.transactions.is_empty() || form.transactions.contains(&transaction) {
                found = Some((form, root, lost));
                break;
            }
        }
        let Some((form, mut root, lost)) = found else {
            // What is no transaction of a document has nothing to say in one.
            out.silent += 1;
            return Ok(());
        };
        let header = Row {
            tag: "UNB".to_owned(),
            elements: interchange.header.elements(),
        };
        let pattern = form
            .interchange
            .as_ref()
            .unwrap_or(&self.mapping.interchange);
        pattern.take(&header.elements, &mut root, |_, _| {});
        for place in lost {
            *out.lost.entry(place).or_default() += 1;
        }
        let documents = form
            .each
            .as_ref()
            .map_or(1, |each| root.groups.get(each).map_or(0, Vec::len));
        let links = Linked::new(&self.mapping, &root);
        for number in 0..documents {
            let reference = if documents > 1 {
                format!("{name}-{}", number + 1)
            } else {
                name.to_owned()
            };
            let sender = interchange.header.text(2, 1);
            let seed = format!("{sender}/{}/{reference}", interchange.header.text(5, 1));
            let mut scopes = vec![(&root, "", 0)];
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
                out.documents.push(Document {
                    reference,
                    form: form.name.clone(),
                    json,
                });
            }
        }
        Ok(())
    }

    /// The interchange of a document.
    ///
    /// # Errors
    /// [`TranslationError`] when no form has such documents, or something is not said that an interchange must say.
    pub fn to_edifact(
        &self,
        json: &Json,
        envelope: &Envelope,
    ) -> Result<Written, TranslationError> {
        let (form, mut reading) = self.form_of(json, envelope)?;
        reading.take(&form.template, json, "");
        let lost = count(std::mem::take(&mut reading.lost));
        let members = std::mem::take(&mut reading.members);
        let mut root = reading.scopes.pop().unwrap_or_default();
        self.link(&mut root, &members);
        for (name, text) in &envelope.facts {
            root.set_text(name, text.clone());
        }
        if let Some(moment) = envelope.moment {
            let clock = moment.clock();
            if !root.has(SENT) {
                root.set(
                    SENT,
                    vec![vec![clock[2..8].to_owned(), clock[8..].to_owned()]],
                );
            }
            if !root.has(PREPARED) {
                root.set_text(PREPARED, clock);
            }
        }
        if let Some([day, time, ..]) = root
            .all(SENT)
            .unwrap_or_default()
            .first()
            .map(Vec::as_slice)
            && !root.has(PREPARED)
        {
            let clock = format!("{}{time}", century(day));
            root.set_text(PREPARED, clock);
        }
        for usual in &form.defaults {
            self.usual(&mut root, usual);
        }
        for name in [CONTROL, "message-reference", "transaction-number"] {
            if !root.has(name) {
                root.set_text(name, "1");
            }
        }
        if !root.has(TYPE) {
            root.set_text(TYPE, form.types.first().cloned().unwrap_or_default());
        }
        for wanted in [SENDER, RECIPIENT, SENT] {
            let pattern = form
                .interchange
                .as_ref()
                .unwrap_or(&self.mapping.interchange);
            if pattern.names().any(|name| name == wanted) && !root.has(wanted) {
                return Err(TranslationError::Missing(wanted.to_owned()));
            }
        }
        if form.transactions.len() > 1 && !root.has(TRANSACTION) {
            return Err(TranslationError::Missing(TRANSACTION.to_owned()));
        }
        if let [only] = &form.transactions[..] {
            root.set_text(TRANSACTION, only.clone());
        }
        if let Some(each) = &form.each {
            // All that a document says is said of its transaction; the message around it is told by the same names.
            let inner = root.clone();
            root.groups.insert(each.clone(), vec![inner]);
        }
        Ok(Written {
            text: self.written(form, &root),
            form: form.name.clone(),
            lost,
        })
    }

    /// The form of a document: of several that fit, the one whose transaction was named.
    fn form_of(
        &self,
        json: &Json,
        envelope: &Envelope,
    ) -> Result<(&Form, Reading<'_>), TranslationError> {
        let named = envelope.facts.get(TRANSACTION);
        let kind = envelope.facts.get(TYPE);
        let mut reason = String::new();
        let mut found: Option<(&Form, usize)> = None;
        for form in &self.mapping.forms {
            if named.is_some_and(|named| !form.transactions.contains(named))
                || kind.is_some_and(|kind| !form.types.contains(kind))
            {
                continue;
            }
            let mut reading = Reading::new(&self.mapping, Scope::default());
            if !reading.fits(&form.template, json) {
                continue;
            }
            reading.take(&form.template, json, "");
            let lost = reading.lost.len();
            reason.clone_from(&form.name);
            if found.is_none_or(|(_, least)| lost < least) {
                found = Some((form, lost));
            }
        }
        let Some((form, _)) = found else {
            let names: Vec<&str> = self
                .mapping
                .forms
                .iter()
                .map(|form| form.name.as_str())
                .collect();
            return Err(TranslationError::Unknown(names.join(", ")));
        };
        Ok((form, Reading::new(&self.mapping, Scope::default())))
    }

    /// Turns identifiers that groups name one another by into the numbers that messages have for them.
    fn link(&self, root: &mut Scope, members: &[(String, String, String)]) {
        let mut order: Vec<(&String, &crate::mapping::Link)> = self.mapping.links.iter().collect();
        // One that others ask through is known first.
        order.sort_by_key(|(_, link)| link.through.is_some());
        for (name, link) in order {
            let hole = format!("@{name}");
            let said = members.iter().filter(|(member, ..)| member == name);
            let said: BTreeMap<&String, &String> = said.map(|(_, who, whom)| (who, whom)).collect();
            for group in root.groups.get_mut(&link.of).into_iter().flatten() {
                let own = group.text(&format!("#{}", link.of));
                let whom = own.and_then(|own| said.get(&own).copied());
                if let Some(whom) = whom.filter(|_| !group.has(&hole)) {
                    group.set_text(&hole, whom.clone());
                }
            }
            let wanted: BTreeSet<String> = root
                .groups
                .get(&link.of)
                .into_iter()
                .flatten()
                .filter_map(|group| group.text(&hole))
                .collect();
            let mut numbers: BTreeMap<String, String> = BTreeMap::new();
            let every = link.of != link.to;
            for group in root.groups.get_mut(&link.to).into_iter().flatten() {
                let Some(id) = group.text(&format!("#{}", link.to)) else {
                    continue;
                };
                if every || wanted.contains(&id) {
                    let number = (numbers.len() + 1).to_string();
                    group.set_text(&link.key, number.clone());
                    numbers.insert(id, number);
                }
            }
            let through = link.through.as_ref().map(|through| format!("@{through}"));
            for group in root.groups.get_mut(&link.of).into_iter().flatten() {
                // What names another group of its own kind is said of by that one.
                if through.as_ref().is_some_and(|through| group.has(through)) {
                    continue;
                }
                let number = group.text(&hole).and_then(|id| numbers.get(&id).cloned());
                if let Some(number) = number {
                    group.set_text(&link.from, number);
                }
            }
        }
    }

    /// Fills a hole that nothing filled.
    fn usual(&self, root: &mut Scope, usual: &Usual) {
        let value = |scope: &Scope| -> Option<String> {
            match pieces(&usual.value)[..] {
                [Piece::Hole(hole)] => {
                    let said = scope.all(hole.name)?;
                    let json = to_fhir(&self.mapping, hole.transform, &said)?;
                    json.text().map(str::to_owned)
                }
                _ => Some(usual.value.clone()),
            }
        };
        let fill = |scope: &mut Scope| {
            let given = usual.given.is_empty() || usual.given.iter().any(|hole| scope.has(hole));
            let unless = usual.unless.iter().any(|hole| scope.has(hole));
            if given
                && !unless
                && !scope.has(&usual.hole)
                && let Some(text) = value(scope)
            {
                scope.set_text(&usual.hole, text);
            }
        };
        match &usual.group {
            None => fill(root),
            Some(group) => root
                .groups
                .get_mut(group)
                .into_iter()
                .flatten()
                .for_each(fill),
        }
    }

    fn written(&self, form: &Form, root: &Scope) -> String {
        let service = Service::default();
        let known = |name: &str| root.all(name);
        let pattern: &Pattern = form
            .interchange
            .as_ref()
            .unwrap_or(&self.mapping.interchange);
        let mut out = String::new();
        let mut line = |tag: &str, elements: &[Vec<String>]| {
            write_segment(&mut out, &service, tag, elements);
            out.push('\n');
        };
        for elements in pattern.make(&known) {
            line("UNB", &elements);
        }
        let text = |name: &str| root.text(name).unwrap_or_default();
        let kind: Vec<String> = text(TYPE).split(':').map(str::to_owned).collect();
        let reference = text("message-reference");
        line("UNH", &[vec![reference.clone()], kind]);
        let mut body = Vec::new();
        make(&form.parts, &[root], &mut body);
        for row in &body {
            line(&row.tag, &row.elements);
        }
        let segments = body.len() + 2;
        line("UNT", &[vec![segments.to_string()], vec![reference]]);
        line("UNZ", &[vec!["1".to_owned()], vec![text(CONTROL)]]);
        out
    }
}

/// The segments of a message between its header and its trailer.
fn rows(segments: &[SegmentText<'_>]) -> Vec<Row> {
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

fn count(places: Vec<String>) -> Lost {
    let mut lost = Lost::new();
    for place in places {
        // One of several is like the others.
        let plain: String = place
            .split('[')
            .enumerate()
            .map(|(number, part)| match part.split_once(']') {
                Some((_, rest)) if number > 0 => rest,
                _ => part,
            })
            .collect();
        *lost.entry(plain).or_default() += 1;
    }
    lost
}
