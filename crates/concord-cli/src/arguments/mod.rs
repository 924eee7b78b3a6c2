//! The command line: what may be typed. What it means is said by the module of each command.

mod check;
mod compare;
mod convert;
mod model;
mod reference;
mod sample;
mod shared;
mod standards;

use clap::{Parser, Subcommand};

pub(crate) use check::{CheckArguments, StaysOrder};
pub(crate) use compare::{CompareArguments, CompareFormat};
pub(crate) use convert::{ConvertArguments, ConvertTo, OnRejectName, PricingArguments};
pub(crate) use model::{ModelArguments, ModelCommand, ModelFormat};
pub(crate) use reference::{ReferenceCommand, ReferenceCommandArguments};
pub(crate) use sample::{ProtocolName, SampleArguments};
pub(crate) use shared::{
    AccountFormat, ConfigArguments, FailOn, ReferenceArguments, RuleProfile, SchemasArguments, day,
    is_json, share,
};
pub(crate) use standards::{ImportArguments, StandardsArguments, StandardsCommand};

use crate::derive::arguments::DeriveArguments;
use crate::diff::arguments::{DiffArguments, GateArguments};
use crate::feed::arguments::FeedArguments;
use crate::practice::arguments::PracticeArguments;

/// Check NHS data submissions before the national system does.
#[derive(Debug, Parser)]
#[command(name = "concord", version, propagate_version = true, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 nothing at or above --fail-on; 1 findings; 2 wrong usage or a bad definition;
            3 an input could not be read to its end.
Values that identify people are masked unless --show-values is given. Nothing is sent anywhere.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check submissions: structure, values and rules
    Check(CheckArguments),
    /// Say what is new, fixed and persisting between the reports of two checks
    Compare(CompareArguments),
    /// Convert submissions: check them and write what they say somewhere else
    Convert(ConvertArguments),
    /// Derive facts by published rules, with their reasons
    Derive(DeriveArguments),
    /// Say what changed between two standards, and whom it breaks
    Diff(DiffArguments),
    /// Check a live feed: every message is judged, stored and answered
    Feed(Box<FeedArguments>),
    /// Pass or fail by what changed, as concord.toml says
    Gate(GateArguments),
    /// Look up the canonical model, which conversions write and read
    Model(ModelArguments),
    /// Keep the extracts of a practice: batches in order, every row ever sent, and the latest state
    Practice(PracticeArguments),
    /// Write synthetic submissions
    Sample(SampleArguments),
    /// Look standards up, read an official XSD, test definitions
    Standards(StandardsArguments),
    /// Import organisations and postcodes, and look them up as at a date
    Reference(ReferenceCommandArguments),
}
