//! EDIFACT: messages to documents of FHIR, documents to interchanges, and receipts for interchanges.
//!
//! An interchange is read as a whole, as who sends it counts it as a whole; larger ones than [`MOST`] are refused.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::ops::ControlFlow;
use std::sync::Arc;

use concord_check::Options;
use concord_convert::lake::Lake;
use concord_convert::{LossReason, Losses};
use concord_finding::{Effect, FileSummary, Finding, Grades, Masking, Summary};
use concord_interchange::{
    Envelope, Json, Judged, Mapping, Moment, Receipt, ReceiptForm, Translation, TranslationError,
};
use concord_read::edifact::{Interchange, begins_interchange};
use concord_read::{Input, Limits, expand, open};
use concord_standards::messages::Syntax;
use concord_standards::registry::Registry;
use jiff::Timestamp;

use super::account::{Account, InputAccount, Written};
use super::settings;
use crate::arguments::{ConvertArguments, ConvertTo, OnRejectName};
use crate::failure::Failure;
use crate::prepare::{Ask, Standards, Which, Whole};
use crate::terminal;

/// Bytes of an interchange, or of a document.
const MOST: u64 = 64_000_000;
/// What receipts are asked for by.
const RECEIPT: &str = "receipt";
/// The rule of messages whose trailer is another's: such messages cannot be told from one another.
const REFERENCE: &str = "MESSAGE-REFERENCE";

/// What is to be made.
enum Way {
    /// Documents of FHIR.
    Fhir,
    /// Interchanges of a standard.
    Edifact(Box<Translation>),
    Receipts,
}

/// Converts EDIFACT, or to it; `None` when neither the inputs nor what is wanted is EDIFACT.
pub(super) fn run(
    arguments: &ConvertArguments,
    limits: &Limits,
    grades: &Arc<Grades>,
) -> Result<Option<(Lake, Account)>, Failure> {
    let ask = || Ask {
        standard: arguments.standard.as_deref(),
        schemas: arguments.schemas.schemas.as_deref(),
        reference: arguments.reference.reference.as_deref(),
        grades: Arc::clone(grades),
        ..Ask::default()
    };
    let named = matches!(&arguments.to, ConvertTo::Standard(_))
        || matches!(&arguments.to, ConvertTo::Extract(name) if name == RECEIPT);
    let fhir = matches!(arguments.to, ConvertTo::Fhir | ConvertTo::FhirBundles);
    if !named && !fhir {
        return Ok(None);
    }
    let registry = crate::source::registry(arguments.schemas.schemas.as_deref())?;
    let way = match &arguments.to {
        ConvertTo::Standard(name) => match translation(name, &registry)? {
            Some(translation) => Way::Edifact(Box::new(translation)),
            None => return Ok(None),
        },
        ConvertTo::Extract(_) => Way::Receipts,
        _ => Way::Fhir,
    };
    let inputs = expand(&arguments.paths, limits)?;
    if matches!(way, Way::Fhir) && !any_interchange(&inputs, limits) {
        return Ok(None);
    }
    let mut run = Run {
        arguments,
        limits,
        standards: Standards::new(ask(), limits)?,
        translations: BTreeMap::new(),
        envelope: envelope(arguments)?,
        lake: Lake::create(&arguments.output)?,
        account: Account::of(settings::form(arguments)),
        made: BTreeMap::new(),
    };
    for input in &inputs {
        match &way {
            Way::Edifact(translation) => run.write_edifact(translation, input)?,
            Way::Fhir => run.interchange(input, false)?,
            Way::Receipts => run.interchange(input, true)?,
        }
    }
    Ok(Some((run.lake, run.account)))
}

/// How documents become messages of a standard, when its messages are EDIFACT.
fn translation(name: &str, registry: &Registry) -> Result<Option<Translation>, Failure> {
    let info = registry.find(name)?;
    if info.syntax() != Some(Syntax::Edifact) {
        return Ok(None);
    }
    mapped(&info.name(), registry).map(Some)
}

fn mapped(name: &str, registry: &Registry) -> Result<Translation, Failure> {
    let info = registry.find(name)?;
    if !Mapping::is_there(registry.source(), &info.folder) {
        return Err(Failure::usage(
            format!("nothing says what messages of {} are in FHIR", info.name()),
            "gp-links@1.4 and medrpt@1 have a mapping; `concord check` checks the others",
        ));
    }
    let mapping = Mapping::load(registry.source(), &info.folder)
        .map_err(|error| Failure::usage(error.to_string(), "mend the mapping"))?;
    Ok(Translation::new(mapping))
}

fn any_interchange(inputs: &[Input], limits: &Limits) -> bool {
    inputs.iter().any(|input| {
        let mut first = Vec::new();
        let read = open(input, limits).map(|opened| opened.take(64).read_to_end(&mut first));
        read.is_ok() && begins_interchange(&first)
    })
}

/// What the user says of interchanges.
fn envelope(arguments: &ConvertArguments) -> Result<Envelope, Failure> {
    const KNOWN: [&str; 12] = [
        "sender",
        "receiver",
        "control-reference",
        "date-of-preparation",
        "time-of-preparation",
        "message-reference",
        "message-type",
        "transaction",
        "transaction-number",
        "acknowledge",
        "application",
        "mailbox",
    ];
    let mut envelope = Envelope::default();
    let (mut day, mut time) = (None, None);
    for (key, value) in &arguments.param {
        match key.as_str() {
            "date-of-preparation" => day = Some(value.replace('-', "")),
            "time-of-preparation" => time = value.replace(':', "").get(..4).map(str::to_owned),
            "receiver" => {
                envelope.facts.insert("recipient".to_owned(), value.clone());
            }
            known if KNOWN.contains(&known) => {
                envelope.facts.insert(known.to_owned(), value.clone());
            }
            _ => {
                return Err(Failure::usage(
                    format!("there is no parameter `{key}`"),
                    format!("known are {}", KNOWN.join(", ")),
                ));
            }
        }
    }
    envelope.moment = match (day, time) {
        (None, None) => Moment::of_seconds(Timestamp::now().as_second()),
        (Some(day), time) => {
            let text = format!("{day}{}", time.as_deref().unwrap_or("0000"));
            let moment = Moment::by_the_clock(&text);
            Some(moment.ok_or_else(|| {
                Failure::usage(
                    "the day and time of preparation are none",
                    "write them as 2026-03-31 and 12:00",
                )
            })?)
        }
        (None, Some(_)) => {
            return Err(Failure::usage(
                "a time of preparation needs a day",
                "say --param date-of-preparation=2026-03-31 as well",
            ));
        }
    };
    Ok(envelope)
}

/// A run.
struct Run<'r> {
    arguments: &'r ConvertArguments,
    limits: &'r Limits,
    standards: Standards,
    /// By standard, what its messages are in FHIR; nothing where nothing says so.
    translations: BTreeMap<String, Option<Translation>>,
    envelope: Envelope,
    lake: Lake,
    account: Account,
    /// Files made so far, by folder.
    made: BTreeMap<&'static str, u64>,
}

/// What the check of an input found out.
struct Found {
    summary: FileSummary,
    rules: Summary,
    /// Why interchanges are rejected: where that was found, and the reason.
    interchanges: Vec<(u64, String)>,
    /// Why messages are, by their numbers from 1, and whether they cannot be told from one another.
    messages: BTreeMap<u64, (String, bool)>,
}

impl Run<'_> {
    /// The bytes of an input; why not, when it cannot be read.
    fn bytes(&mut self, input: &Input) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let read = open(input, self.limits)
            .map_err(|error| error.to_string())
            .and_then(|opened| {
                let read = opened.take(MOST + 1).read_to_end(&mut bytes);
                read.map_err(|error| error.to_string())
            });
        let reason = match read {
            Err(reason) => reason,
            Ok(_) if bytes.is_empty() => "it is empty".to_owned(),
            Ok(_) if bytes.len() as u64 > MOST => format!("it is larger than {MOST} bytes"),
            Ok(_) => return Some(bytes),
        };
        self.unreadable(input, reason);
        None
    }

    fn unreadable(&mut self, input: &Input, reason: String) {
        let account = InputAccount {
            file: input.name().to_string(),
            unreadable: Some(reason),
            ..InputAccount::default()
        };
        self.account
            .add(account, Summary::default(), Losses::default());
    }

    /// Writes a file whose name begins with that of its input.
    fn write(
        &mut self,
        folder: &'static str,
        name: &str,
        ending: &str,
        text: &str,
    ) -> Result<(), Failure> {
        let path = self.lake.folder().join(folder);
        let unwritten =
            |error: std::io::Error| Failure::unreadable(format!("{}: {error}", path.display()));
        fs::create_dir_all(&path).map_err(unwritten)?;
        let plain = |character: char| {
            if character.is_ascii_alphanumeric() || "-_.".contains(character) {
                character
            } else {
                '_'
            }
        };
        let number = self.made.entry(folder).or_default();
        *number += 1;
        let name: String = name.chars().map(plain).take(100).collect();
        let name = format!("{number:05}-{}.{ending}", name.trim_matches('.'));
        fs::write(path.join(name), text).map_err(unwritten)
    }

    fn write_edifact(&mut self, translation: &Translation, input: &Input) -> Result<(), Failure> {
        let Some(bytes) = self.bytes(input) else {
            return Ok(());
        };
        let json = match Json::read(&bytes) {
            Ok(json) => json,
            Err(error) => {
                self.unreadable(input, format!("it is no document: {error}"));
                return Ok(());
            }
        };
        let mut envelope = self.envelope.clone();
        let number = self.made.get("edifact").copied().unwrap_or_default();
        for name in ["control-reference", "message-reference"] {
            if let Some(known) = envelope.facts.get_mut(name) {
                *known = further(known, number);
            }
        }
        let written = match translation.to_edifact(&json, &envelope) {
            Ok(written) => written,
            Err(error @ TranslationError::Missing(_)) => {
                let TranslationError::Missing(name) = &error else {
                    return Ok(());
                };
                let name = if name == "recipient" {
                    "receiver"
                } else {
                    name
                };
                return Err(Failure::usage(
                    format!("{}: {error}", input.name()),
                    format!("say it: --param {name}=…"),
                ));
            }
            Err(error) => {
                self.unreadable(input, error.to_string());
                return Ok(());
            }
        };
        self.write("edifact", &stem(input), "edi", &written.text)?;
        let account = InputAccount {
            file: input.name().to_string(),
            standard: Some(format!("document ({})", written.form)),
            bytes: bytes.len() as u64,
            ..InputAccount::default()
        }
        .with_records(1);
        self.account
            .add(account, Summary::default(), losses(&written.lost, 0));
        self.count("edifact", 1);
        Ok(())
    }

    fn count(&mut self, what: &str, count: u64) {
        let records = BTreeMap::from([(what.to_owned(), count)]);
        self.account.written.add(Written {
            records,
            ..Written::default()
        });
    }

    /// Takes an input that holds interchanges: their documents, or receipts for them.
    fn interchange(&mut self, input: &Input, receipts: bool) -> Result<(), Failure> {
        let Some(bytes) = self.bytes(input) else {
            return Ok(());
        };
        if !begins_interchange(&bytes) {
            let reason = "it is no interchange: it begins with neither UNA nor UNB nor UNH";
            self.unreadable(input, reason.to_owned());
            return Ok(());
        }
        let prepared = match self
            .standards
            .of(input.name(), &bytes[..bytes.len().min(65_536)])?
        {
            Which::This(prepared) => prepared,
            Which::Unknown(reason, help) => {
                self.unreadable(input, format!("{reason}; {help}"));
                return Ok(());
            }
        };
        let standard = prepared
            .plan
            .standard()
            .map(ToString::to_string)
            .unwrap_or_default();
        let known = Input::bytes(Arc::clone(input.name()), bytes.clone());
        let whole = Whole::open(&known, self.limits)?;
        let mut found = Found {
            summary: FileSummary {
                file: String::new(),
                standard: None,
                verdict: concord_finding::Verdict::Accepted,
                size: None,
                bytes: 0,
                records: concord_finding::RecordCounts::default(),
                findings: BTreeMap::new(),
                unreadable: None,
            },
            rules: Summary::default(),
            interchanges: Vec::new(),
            messages: BTreeMap::new(),
        };
        let options = Options {
            threads: terminal::threads(self.arguments.threads),
            ..Options::default()
        };
        let mut take = |finding: Finding| {
            found.take(&finding);
            ControlFlow::Continue(())
        };
        let (summary, error) = whole.checked(&prepared, self.limits, options, &mut take);
        let unreadable = summary
            .unreadable
            .clone()
            .or_else(|| error.map(|error| error.to_string()));
        found.summary = summary;
        if receipts {
            return self.receipts(input, &bytes, &found);
        }
        if let Some(reason) = unreadable {
            let mut account = InputAccount::of(&found.summary);
            account.unreadable = Some(reason);
            self.account.add(account, found.rules, Losses::default());
            return Ok(());
        }
        self.documents(input, &standard, &bytes, found)
    }

    fn documents(
        &mut self,
        input: &Input,
        standard: &str,
        bytes: &[u8],
        found: Found,
    ) -> Result<(), Failure> {
        if !self.translations.contains_key(standard) {
            let translation = mapped(standard, self.standards.registry())?;
            self.translations
                .insert(standard.to_owned(), Some(translation));
        }
        let rejected = found.by_message(bytes);
        let keep = self.arguments.on_reject == OnRejectName::Keep;
        let accept = |number: u64| {
            let reason = rejected.get(usize::try_from(number).ok()?)?.clone();
            reason.filter(|_| !keep)
        };
        let translated = match self.translations.get(standard) {
            Some(Some(translation)) => translation.to_fhir(bytes, &self.envelope, &accept),
            _ => return Ok(()),
        };
        for document in &translated.documents {
            let name = format!("{}-{}", stem(input), document.reference);
            self.write("fhir", &name, "json", &document.json.pretty())?;
        }
        let refused = translated.refused.len() as u64;
        self.count("fhir", translated.documents.len() as u64);
        let losses = losses(&translated.lost, refused);
        self.account
            .add(InputAccount::of(&found.summary), found.rules, losses);
        Ok(())
    }

    fn receipts(&mut self, input: &Input, bytes: &[u8], found: &Found) -> Result<(), Failure> {
        let rejected = found.by_message(bytes);
        let interchanges = Interchange::read_all(bytes);
        let mut before = 0;
        let mut losses = Losses::default();
        for (number, interchange) in interchanges.iter().enumerate() {
            let count = interchange.messages.len();
            let own = before..before + count;
            before += count;
            let kind = interchange
                .messages
                .first()
                .map(concord_read::edifact::Message::identifier);
            let form = kind.as_deref().and_then(ReceiptForm::of);
            let Some(form) = form.filter(|form| Receipt::is_wanted(*form, interchange)) else {
                losses.add(
                    &"interchange that asks for no receipt".into(),
                    LossReason::NoPlace,
                    1,
                );
                continue;
            };
            let as_such = own.clone().find_map(|at| {
                found
                    .messages
                    .get(&(at as u64 + 1))
                    .filter(|(_, as_such)| *as_such)
            });
            let judged = Judged {
                interchange: found.of_interchange(&interchanges, number).map(plain),
                messages_as_such: as_such.map(|(reason, _)| plain(reason)),
                messages: own
                    .map(|at| {
                        rejected
                            .get(at)
                            .cloned()
                            .flatten()
                            .map(|reason| plain(&reason))
                    })
                    .collect(),
            };
            let Some(moment) = self.envelope.moment else {
                continue;
            };
            let known = self.envelope.facts.get("control-reference");
            let first: u64 = known.and_then(|text| text.parse().ok()).unwrap_or(1);
            let reference = first + self.made.get("receipts").copied().unwrap_or_default();
            match Receipt::new(form, interchange, &judged, moment, reference) {
                Ok(receipt) => {
                    let name = format!("{}-{}", stem(input), receipt.status);
                    self.write("receipts", &name, "edi", &receipt.text)?;
                    self.count("receipts", 1);
                }
                Err(error) => {
                    let reason = error.to_string();
                    losses.add_detail(
                        &"interchange".into(),
                        LossReason::NotDerived,
                        Some(&reason),
                        1,
                    );
                }
            }
        }
        let rules = found.rules.clone();
        self.account
            .add(InputAccount::of(&found.summary), rules, losses);
        Ok(())
    }
}

impl Found {
    fn take(&mut self, finding: &Finding) {
        self.rules.count(finding);
        let place = finding
            .path
            .as_deref()
            .map_or_else(String::new, |path| format!("{path}: "));
        let reason = format!("{place}{}", finding.message(Masking::Masked));
        match (finding.effect, finding.record) {
            (Effect::RejectFile, _) => {
                let at = finding.place.map_or(0, |place| place.offset);
                self.interchanges.push((at, reason));
            }
            (Effect::RejectRecord | Effect::RejectGroup, Some(record)) => {
                let as_such = *finding.rule.id == *REFERENCE;
                self.messages.entry(record).or_insert((reason, as_such));
            }
            _ => {}
        }
    }

    /// Why an interchange as a whole is rejected, when it is.
    fn of_interchange(&self, interchanges: &[Interchange<'_>], number: usize) -> Option<&str> {
        let start = |number: usize| {
            let interchange = interchanges.get(number)?;
            Some(interchange.header.span.start as u64)
        };
        let from = if number == 0 { 0 } else { start(number)? };
        let to = start(number + 1).unwrap_or(u64::MAX);
        let mut own = self
            .interchanges
            .iter()
            .filter(|(at, _)| (from..to).contains(at));
        own.next().map(|(_, reason)| reason.as_str())
    }

    /// For each message why it is rejected, when it is, or its interchange.
    fn by_message(&self, bytes: &[u8]) -> Vec<Option<String>> {
        let interchanges = Interchange::read_all(bytes);
        let mut out = Vec::new();
        for (number, interchange) in interchanges.iter().enumerate() {
            let whole = self.of_interchange(&interchanges, number);
            for _ in &interchange.messages {
                let own = self
                    .messages
                    .get(&(out.len() as u64 + 1))
                    .map(|(reason, _)| reason.as_str());
                out.push(own.or(whole).map(str::to_owned));
            }
        }
        out
    }
}

/// A reason in the characters that every interchange can hold.
fn plain(reason: &str) -> String {
    let ascii = reason.chars().filter(|character| *character != '`');
    ascii
        .map(|character| {
            if character.is_ascii() && !character.is_ascii_control() {
                character
            } else {
                '*'
            }
        })
        .collect()
}

fn losses(lost: &concord_interchange::Lost, refused: u64) -> Losses {
    let mut losses = Losses::default();
    for (place, count) in lost {
        losses.add(&place.as_str().into(), LossReason::NoPlace, *count);
    }
    losses.add(&"message".into(), LossReason::Rejected, refused);
    losses
}

/// The name of an input without its folders and its ending.
fn stem(input: &Input) -> String {
    let name = input
        .name()
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or_default()
        .to_owned();
    name.split_once('.')
        .map_or(name.clone(), |(stem, _)| stem.to_owned())
}

/// A reference for the next interchange: a number that is larger by so many, as wide.
fn further(reference: &str, by: u64) -> String {
    match reference.parse::<u64>() {
        Ok(number) => format!("{:0width$}", number + by, width = reference.len()),
        Err(_) if by == 0 => reference.to_owned(),
        Err(_) => format!("{reference}{by}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_go_on() {
        assert_eq!(further("00000009", 1), "00000010");
        assert_eq!(further("A", 0), "A");
        assert_eq!(further("A", 2), "A2");
    }
}
