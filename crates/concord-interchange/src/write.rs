//! Documents into interchanges.

use std::collections::{BTreeMap, BTreeSet};

use concord_read::edifact::{Interchange, Service, write_segment};

use crate::compare;
use crate::groups::{Scope, make};
use crate::json::Json;
use crate::mapping::{Default as Usual, Form, Link};
use crate::template::{Piece, pieces};
use crate::transform::{century, to_fhir};
use crate::translate::{
    CONTROL, Envelope, Lost, MESSAGE, NUMBER, PREPARED, RECIPIENT, SENDER, SENT, TRANSACTION, TYPE,
    Translation, TranslationError, Written, rows,
};
use crate::unify::Reading;

impl Translation {
    /// The interchange of a document.
    ///
    /// # Errors
    /// [`TranslationError`] when no form has such documents, or something is not said that an interchange must say.
    pub fn to_edifact(
        &self,
        json: &Json,
        envelope: &Envelope,
    ) -> Result<Written, TranslationError> {
        let form = self.form_of(json, envelope)?;
        let mut reading = Reading::new(&self.mapping, Scope::default());
        reading.take(&form.template, json, "");
        let mut lost = count(std::mem::take(&mut reading.lost));
        let root = self.completed(form, &mut reading, envelope);
        for wanted in [SENDER, RECIPIENT, SENT] {
            let mut names = self.header(form).names();
            if names.any(|name| name == wanted) && !root.has(wanted) {
                return Err(TranslationError::Missing(wanted.to_owned()));
            }
        }
        if form.transactions.len() > 1 && !root.has(TRANSACTION) {
            return Err(TranslationError::Missing(TRANSACTION.to_owned()));
        }
        let text = self.written(form, &root);
        for (place, times) in count(self.lost_from(form, &root, json, &text)) {
            let told = lost.entry(place).or_default();
            *told = (*told).max(times);
        }
        Ok(Written {
            text,
            form: form.name.clone(),
            lost,
        })
    }

    /// What fills the holes of a message that is made of a document.
    pub(crate) fn completed(
        &self,
        form: &Form,
        reading: &mut Reading<'_>,
        envelope: &Envelope,
    ) -> Scope {
        let members = std::mem::take(&mut reading.members);
        let mut root = reading.scopes.pop().unwrap_or_default();
        self.link(&mut root, &members);
        for (name, text) in &envelope.facts {
            root.set_text(name, text.clone());
        }
        if let Some(moment) = envelope.moment
            && !root.has(SENT)
        {
            let clock = moment.clock();
            root.set(
                SENT,
                vec![vec![clock[2..8].to_owned(), clock[8..].to_owned()]],
            );
        }
        // Where only the interchange says when it was prepared, so was its message: a later time would be made up.
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
        for name in [CONTROL, MESSAGE, NUMBER] {
            if !root.has(name) {
                root.set_text(name, "1");
            }
        }
        if !root.has(TYPE) {
            root.set_text(TYPE, form.types.first().cloned().unwrap_or_default());
        }
        if let [only] = &form.transactions[..] {
            root.set_text(TRANSACTION, only.clone());
        }
        if let Some(each) = &form.each {
            // All that a document says is said of its transaction; the message around it is told by the same names.
            let inner = root.clone();
            root.groups.insert(each.clone(), vec![inner]);
        }
        root
    }

    /// Paths of a document that do not come back out of its message.
    fn lost_from(&self, form: &Form, root: &Scope, json: &Json, text: &str) -> Vec<String> {
        let beside = self.mapping.beside.iter();
        let facts = beside.filter_map(|name| Some((name.clone(), root.text(name)?)));
        let envelope = Envelope {
            facts: facts.collect(),
            moment: None,
        };
        let read = Interchange::read_all(text.as_bytes());
        let again = read.first().and_then(|interchange| {
            let message = interchange.messages.first()?;
            let body = rows(&message.segments);
            let kind = message.identifier();
            let (again, root) = self.taken(interchange, &kind, &body, &envelope)?;
            let same = std::ptr::eq(again, form);
            let mut documents = self.documents(again, &root, interchange, "");
            documents.pop().filter(|_| same)
        });
        let again = again.map_or(Json::Null, |(_, document)| document.json);
        compare::documents(json, &again, &form.template)
    }

    /// The form of a document: of several that fit, the one that takes most of it as it stands.
    fn form_of(&self, json: &Json, envelope: &Envelope) -> Result<&Form, TranslationError> {
        let named = envelope.facts.get(TRANSACTION);
        let kind = envelope.facts.get(TYPE);
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
            let lost = reading.lost.len() + reading.strained;
            if found.is_none_or(|(_, least)| lost < least) {
                found = Some((form, lost));
            }
        }
        found.map(|(form, _)| form).ok_or_else(|| {
            let forms = self.mapping.forms.iter();
            let names: Vec<&str> = forms.map(|form| form.name.as_str()).collect();
            TranslationError::Unknown(names.join(", "))
        })
    }

    /// Turns identifiers that groups name one another by into the numbers that messages have for them.
    fn link(&self, root: &mut Scope, members: &[(String, String, String)]) {
        let mut order: Vec<(&String, &Link)> = self.mapping.links.iter().collect();
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
        let mut out = String::new();
        let mut line = |tag: &str, elements: &[Vec<String>]| {
            write_segment(&mut out, &service, tag, elements);
            out.push('\n');
        };
        for elements in self.header(form).make(&known) {
            line("UNB", &elements);
        }
        let text = |name: &str| root.text(name).unwrap_or_default();
        let kind: Vec<String> = text(TYPE).split(':').map(str::to_owned).collect();
        let reference = text(MESSAGE);
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
