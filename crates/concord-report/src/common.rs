//! What findings of one rule say in the same words, as JSON that is put together once.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io;
use std::sync::Arc;

use concord_finding::{Effect, Finding, FingerprintStart, Rule};

use crate::object::{Object, name, string, string_or_null};

/// Rules of which this is kept at most. A standard has some hundreds.
const MOST: usize = 4096;

/// What findings have in common, by the address of their rule, which stays the rule's as long as it is kept here.
#[derive(Default)]
pub(crate) struct Commons(BTreeMap<usize, Common>);

impl Commons {
    /// What a finding has in common with others of its rule.
    pub(crate) fn of(&mut self, finding: &Finding) -> io::Result<&mut Common> {
        let address = Arc::as_ptr(&finding.rule).addr();
        if self.0.len() >= MOST && !self.0.contains_key(&address) {
            self.0.clear();
        }
        Ok(match self.0.entry(address) {
            Entry::Vacant(place) => place.insert(Common::new(finding)?),
            Entry::Occupied(place) => {
                let known = place.into_mut();
                if !known.is_of(finding) {
                    *known = Common::new(finding)?;
                }
                known
            }
        })
    }
}

/// What findings of one rule, effect, standard and file have in common.
pub(crate) struct Common {
    rule: Arc<Rule>,
    effect: Effect,
    standard: Option<Arc<str>>,
    authority: Option<Arc<str>>,
    in_file: Arc<str>,
    /// All that stands before the message.
    pub(crate) before: Vec<u8>,
    /// The field that names the file.
    pub(crate) file: Vec<u8>,
    /// The help, when it is the same for all.
    pub(crate) help: Option<Vec<u8>>,
    /// The source.
    pub(crate) source: Vec<u8>,
    /// A path, and what fingerprints of findings there begin with.
    start: (Option<Arc<str>>, FingerprintStart),
}

impl Common {
    fn new(finding: &Finding) -> io::Result<Self> {
        let rule = &finding.rule;
        let mut before = Vec::new();
        let mut object = Object::new(&mut before);
        object.text(name!("rule"), &rule.id)?;
        object.text(name!("effect"), finding.effect.as_str())?;
        object.text_or_null(name!("standard"), finding.standard.as_deref())?;
        object.written(name!("message"), b"");
        let mut file = Vec::new();
        Object::continued(&mut file).text(name!("file"), &finding.file)?;
        let help = rule.help.as_deref();
        let help = (!help.is_some_and(|help| help.contains('{')))
            .then(|| json(|out| string_or_null(out, help)))
            .transpose()?;
        Ok(Self {
            rule: Arc::clone(rule),
            effect: finding.effect,
            standard: finding.standard.clone(),
            authority: finding.authority.clone(),
            in_file: Arc::clone(&finding.file),
            before,
            file,
            help,
            source: json(|out| string(out, &finding.source()))?,
            start: (finding.path.clone(), finding.fingerprint_start()),
        })
    }

    /// Whether it is that of a finding of the same rule.
    fn is_of(&self, finding: &Finding) -> bool {
        self.effect == finding.effect
            && is_same(Some(&self.in_file), Some(&finding.file))
            && is_same(self.standard.as_ref(), finding.standard.as_ref())
            && is_same(self.authority.as_ref(), finding.authority.as_ref())
            && Arc::ptr_eq(&self.rule, &finding.rule)
    }

    /// What the fingerprint of a finding begins with.
    pub(crate) fn start(&mut self, finding: &Finding) -> FingerprintStart {
        if !is_same(self.start.0.as_ref(), finding.path.as_ref()) {
            self.start = (finding.path.clone(), finding.fingerprint_start());
        }
        self.start.1
    }
}

fn json(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    write(&mut out)?;
    Ok(out)
}

/// Whether two texts are one: mostly they are the very same memory.
fn is_same(one: Option<&Arc<str>>, other: Option<&Arc<str>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other) || one == other,
        (one, other) => one.is_none() && other.is_none(),
    }
}
