//! EDIFACT: messages to documents of FHIR, documents to interchanges, and receipts for interchanges.
//!
//! An interchange is read as a whole, as who sends it counts it as a whole; larger ones than [`MOST`] are refused.

mod documents;
mod envelope;
mod found;
mod receipts;
mod written;

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::sync::Arc;

use concord_convert::lake::Lake;
use concord_convert::{LossReason, Losses};
use concord_finding::{Grades, Summary};
use concord_interchange::{Envelope, Mapping, Translation};
use concord_read::edifact::begins_interchange;
use concord_read::{Input, Limits, open};
use concord_standards::messages::Syntax;
use concord_standards::registry::Registry;

use self::envelope::envelope;
use super::account::{Account, InputAccount, Written};
use super::{settings, sources};
use crate::arguments::{ConvertArguments, ConvertTo};
use crate::failure::Failure;
use crate::prepare::{Ask, Standards, beginning};

/// Bytes of an interchange, or of a document.
const MOST: u64 = 64_000_000;
/// What receipts are asked for by.
const RECEIPT: &str = "receipt";
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
    let (inputs, left_out) = sources::inputs(arguments, limits)?;
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
    run.account.left_out = left_out;
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
        let first = beginning(input, limits, 64);
        first.is_some_and(|first| begins_interchange(&first))
    })
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

    fn count(&mut self, what: &str, count: u64) {
        let records = BTreeMap::from([(what.to_owned(), count)]);
        self.account.written.add(Written {
            records,
            ..Written::default()
        });
    }
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
