//! Outputs of earlier conversions as inputs.

use std::path::Path;

use concord_convert::lake::MANIFEST;
use serde_json::Value;

use crate::failure::Failure;

/// Bytes of an account that are read.
const MOST: u64 = 256 * 1024 * 1024;

/// Whether an earlier output holds canonical rows, which can be converted further; otherwise it holds files in the form
/// that it was converted to.
///
/// # Errors
/// A failure of usage when it holds rows that cannot be converted further.
pub(super) fn has_rows(folder: &Path) -> Result<bool, Failure> {
    let form = Form::of(folder)?;
    if form.to.as_deref().is_some_and(|to| to != "parquet") {
        return Ok(false);
    }
    let why = if form.native {
        "it holds the tables of a standard (--native), and only the canonical model's can be converted further"
    } else if form.pseudonymised {
        "pseudonyms stand in place of identifiers, and nothing else can be made of them"
    } else if form.partitioned {
        "it is divided into folders (--partition-by), and the columns that divide it are not in its files"
    } else {
        return Ok(true);
    };
    Err(Failure::usage(
        format!("{}: {why}", folder.display()),
        "convert the submissions themselves",
    ))
}

/// What the manifest says of the form.
struct Form {
    to: Option<String>,
    native: bool,
    pseudonymised: bool,
    partitioned: bool,
}

impl Form {
    fn of(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join(MANIFEST);
        let unreadable = |reason: String| {
            let path = path.display();
            Failure::unreadable(format!(
                "{path} cannot be read as the account of a conversion: {reason}"
            ))
        };
        let size = std::fs::metadata(&path).map_err(|error| unreadable(error.to_string()))?;
        if size.len() > MOST {
            return Err(unreadable("it is too long".to_owned()));
        }
        let text = std::fs::read(&path).map_err(|error| unreadable(error.to_string()))?;
        let manifest: Value =
            serde_json::from_slice(&text).map_err(|error| unreadable(error.to_string()))?;
        let says = |name: &str| manifest[name] == true;
        Ok(Self {
            to: manifest["to"].as_str().map(str::to_owned),
            native: says("native"),
            pseudonymised: says("pseudonymised"),
            partitioned: manifest["partition_by"]
                .as_array()
                .is_some_and(|by| !by.is_empty()),
        })
    }
}
