//! What the user asked for, made ready.

use std::path::Path;
use std::sync::Arc;

use concord_check::submission::Parameters;
use concord_convert::document::Envelope;
use concord_convert::lake::{How, Lake, Partitioning, partitioning};
use concord_convert::pseudonym::Pseudonymiser;
use concord_convert::{OnReject, native};
use concord_finding::{Grades, Masking};
use concord_model::entities::ENTITIES;
use concord_standards::submission::Parameter;

use super::account::Form;
use super::sources::Source;
use crate::arguments::{ConvertArguments, ConvertTo, OnRejectName};
use crate::check::submission::parameters;
use crate::failure::Failure;
use crate::prepare::{Ask, to_canonical};

/// Refuses what does not go together.
pub(super) fn suits(
    arguments: &ConvertArguments,
    sources: &[Source],
    of_tables: bool,
) -> Result<(), Failure> {
    let to = &arguments.to;
    let parquet = *to == ConvertTo::Parquet;
    let is_lake = |source: &Source| matches!(source, Source::Lake(_));
    if parquet && let Some(Source::Lake(lake)) = sources.iter().find(|source| is_lake(source)) {
        return Err(Failure::usage(
            format!("{} is Parquet already", lake.display()),
            "convert it to something else: --to cds@6-3-1, fhir, jsonl",
        ));
    }
    let given = [
        (!parquet && arguments.native, "--native", "--to parquet"),
        (
            !parquet && !arguments.partition_by.is_empty(),
            "--partition-by",
            "--to parquet",
        ),
        (
            !parquet && arguments.pseudonymise.is_some(),
            "--pseudonymise",
            "--to parquet",
        ),
        (
            *to != ConvertTo::JsonLines && arguments.since.is_some(),
            "--since",
            "--to jsonl",
        ),
        (
            !matches!(to, ConvertTo::Standard(_)) && !of_tables && !of_the_portal(arguments),
            "--param",
            "documents, such as --to cds@6-3-1, and for what the portal knows of a submission",
        ),
        (
            !matches!(to, ConvertTo::Standard(_)) && arguments.draft,
            "--draft",
            "documents, such as --to cds@6-3-1",
        ),
        (
            !matches!(to, ConvertTo::Standard(_)) && arguments.pricing.prices.is_some(),
            "--prices",
            "contract monitoring, such as --to plcm@2025 or --to acm@2025",
        ),
    ];
    for (wrong, option, target) in given {
        if wrong {
            return Err(Failure::usage(
                format!("{option} is for {target}"),
                "leave it out",
            ));
        }
    }
    partitions(arguments)
}

/// Refuses columns to partition by that no entity has, or whose values identify people.
fn partitions(arguments: &ConvertArguments) -> Result<(), Failure> {
    if arguments.native {
        return Ok(()); // which columns there are, the inputs say
    }
    for column in &arguments.partition_by {
        let mut known = false;
        for entity in ENTITIES {
            let found = partitioning(&entity.arrow_schema(), std::slice::from_ref(column))
                .map_err(|column| personal_partition(&column))?;
            known |= found != Partitioning::default();
        }
        if !known {
            return Err(Failure::usage(
                format!("no entity has a column {column}"),
                "`concord model show` lists the entities, `concord model show ENTITY` their columns",
            ));
        }
    }
    Ok(())
}

/// Refuses columns to partition by that none of the datasets has which inputs gave.
pub(super) fn used(arguments: &ConvertArguments, lake: &Lake) -> Result<(), Failure> {
    let mut columns = arguments.partition_by.iter();
    match columns.find(|column| arguments.native && !lake.is_divided_by(column)) {
        Some(column) => Err(Failure::usage(
            format!("no dataset has a column {column}; nothing was written"),
            "`concord standards show ID@VERSION` lists the columns of a standard",
        )),
        None => Ok(()),
    }
}

/// A column to partition by that must not become names of folders.
pub(super) fn personal_partition(column: &str) -> Failure {
    Failure::usage(
        format!("the values of {column} identify people, and would become names of folders"),
        "choose another column for --partition-by",
    )
}

/// What the account says of the form of the output.
pub(super) fn form(arguments: &ConvertArguments) -> Form {
    Form {
        to: arguments.to.name().to_owned(),
        native: arguments.native,
        pseudonymised: arguments.pseudonymise.is_some(),
        partition_by: arguments.partition_by.clone(),
    }
}

/// What the user says of the envelope of documents.
pub(super) fn envelope(arguments: &ConvertArguments) -> Result<Envelope, Failure> {
    let mut envelope = Envelope::default();
    for (key, value) in &arguments.param {
        let value = Some(value.clone());
        match key.as_str() {
            "sender" => envelope.sender = value,
            "receiver" => envelope.receiver = value,
            "control-reference" => envelope.control_reference = value,
            "date-of-preparation" => envelope.date_of_preparation = value,
            "time-of-preparation" => envelope.time_of_preparation = value,
            "application-reference" => envelope.application_reference = value,
            "protocol" => envelope.protocol = value,
            _ => {
                return Err(Failure::usage(
                    format!("there is no parameter `{key}`"),
                    "known are sender, receiver, control-reference, date-of-preparation, time-of-preparation, \
                     application-reference and protocol",
                ));
            }
        }
    }
    Ok(envelope)
}

/// Whether the parameters are all about what the portal knows of a submission.
fn of_the_portal(arguments: &ConvertArguments) -> bool {
    let mut names = arguments.param.iter();
    names.all(|(name, _)| Parameter::of(name).is_some())
}

pub(super) fn ask(arguments: &ConvertArguments, grades: Arc<Grades>) -> Result<Ask<'_>, Failure> {
    Ok(Ask {
        standard: arguments.standard.as_deref(),
        schema: arguments.schema.as_deref(),
        schemas: arguments.schemas.schemas.as_deref(),
        reference: arguments.reference.reference.as_deref(),
        converts: Some(if arguments.native {
            Box::new(|definition, _| Ok(native::native(definition)))
        } else {
            Box::new(to_canonical)
        }),
        grades,
        parameters: if of_the_portal(arguments) {
            parameters(&arguments.param)?
        } else {
            Parameters::default()
        },
        ..Ask::default()
    })
}

pub(super) fn on_reject(name: OnRejectName) -> OnReject {
    match name {
        OnRejectName::Keep => OnReject::Keep,
        OnRejectName::Drop => OnReject::Drop,
        OnRejectName::Split => OnReject::Split,
    }
}

pub(super) fn how(arguments: &ConvertArguments) -> Result<How, Failure> {
    let pseudonymiser = match &arguments.pseudonymise {
        Some(path) => Some(pseudonymiser(path)?),
        None => None,
    };
    Ok(How {
        partition_by: arguments.partition_by.clone(),
        masking: if arguments.show_values && pseudonymiser.is_none() {
            Masking::Revealed
        } else {
            Masking::Masked
        },
        pseudonymiser,
    })
}

/// Reads a key. Nothing of it is ever shown.
fn pseudonymiser(path: &Path) -> Result<Pseudonymiser, Failure> {
    let key = std::fs::read(path).map_err(|error| {
        Failure::usage(
            format!("the key {} cannot be read: {error}", path.display()),
            "name a file that holds the key",
        )
    })?;
    Pseudonymiser::new(&key).map_err(|error| {
        Failure::usage(
            format!("{}: {error}", path.display()),
            "make one, for example with `head -c 32 /dev/urandom | base64`",
        )
    })
}
