//! The rules about batches of extracts.

use std::sync::Arc;

use concord_finding::Effect::{self, RejectFile, Warn};
use concord_finding::Provenance::{self, Inferred, Published};
use concord_finding::RuleClass::{self, Business, Carrier, Structure};
use concord_finding::{Rule, RuleStatus, catalogue};

type Said = (
    &'static str,
    Effect,
    RuleClass,
    Provenance,
    &'static str,
    &'static str,
    &'static str,
);

fn rule((id, effect, class, provenance, title, help, source): Said) -> Rule {
    Rule {
        id: id.into(),
        title: title.to_owned(),
        effect,
        message: "{reason}".to_owned(),
        label: None,
        help: Some(help.to_owned()),
        source: source.to_owned(),
        provenance,
        class,
        status: RuleStatus::Stable,
        since: "0.1.0".to_owned(),
    }
}

catalogue! {
    /// A rule about batches of extracts.
    ExtractRule by rule {
    FileMissing = "EXTRACT-FILE-MISSING", RejectFile, Carrier, Published, "file of a batch that is missing",
        "fetch the batch again: every file of it must be there, even where it holds no rows",
        "delivery rules of endeavourhealth/SFTPReader: EMIS sends every file; SystmOne those that SRManifest lists, and the manifest";
    FileTwice = "EXTRACT-FILE-TWICE", RejectFile, Carrier, Inferred, "table with two files in one batch",
        "give each batch once",
        "follows from the names of files: a batch has one file of each table";
    Agreements = "EXTRACT-AGREEMENTS", RejectFile, Carrier, Published, "files of two agreements in one batch",
        "put each agreement's files into a folder of their own, and fetch what is missing",
        "delivery rules of endeavourhealth/SFTPReader: all files of a batch name one sharing agreement";
    Stamps = "EXTRACT-STAMPS", RejectFile, Carrier, Published, "files of two moments in one batch",
        "files of two batches were put together: fetch both again",
        "delivery rules of endeavourhealth/SFTPReader: all files of a batch have one timestamp";
    Numbers = "EXTRACT-NUMBERS", RejectFile, Carrier, Published, "files of two ranges of numbers in one batch",
        "files of two batches were put together: fetch both again",
        "delivery rules of endeavourhealth/SFTPReader: all files of a batch have the same processing numbers";
    Manifest = "EXTRACT-MANIFEST", RejectFile, Structure, Published, "manifest that does not say what the files are",
        "fetch the batch again; a file that the manifest does not list must not be there",
        "delivery rules of endeavourhealth/SFTPReader: SRManifest lists each file with what it is";
    ManifestTo = "EXTRACT-MANIFEST-TO", RejectFile, Structure, Published, "files that go up to different moments",
        "the batch was put together of two: fetch it again",
        "delivery rules of endeavourhealth/SFTPReader: DateExtractTo is the same for all files of a batch";
    ManifestFrom = "EXTRACT-MANIFEST-FROM", RejectFile, Structure, Published, "changes that begin at different moments",
        "the batch was put together of two: fetch it again",
        "delivery rules of endeavourhealth/SFTPReader: DateExtractFrom is the same for all files with changes of a batch";
    Order = "EXTRACT-ORDER", RejectFile, Carrier, Published, "batch that comes too late",
        "batches are applied in their order; build the store anew to take this one in its place",
        "delivery rules of endeavourhealth/SFTPReader: timestamps of batches rise; that numbers do follows from it";
    Gap = "EXTRACT-GAP", RejectFile, Carrier, Published, "batches that are missing",
        "fetch what is missing and apply it first, or a bulk; `concord practice apply --accept-gap` goes on without it, and the store says so",
        "delivery rules of endeavourhealth/SFTPReader: SystmOne's periods leave no gap; that EMIS's ranges of numbers follow on is what ranges suggest";
    NoBulk = "EXTRACT-NO-BULK", RejectFile, Carrier, Inferred, "changes of nothing",
        "apply the bulk extract first",
        "follows from what changes are: they change what a bulk brought";
    Changed = "EXTRACT-CHANGED", RejectFile, Carrier, Inferred, "batch that was applied with other content",
        "a batch is never sent twice with other content: ask which one is right, and build the store anew",
        "follows from the names of files: they identify a batch";
    Other = "EXTRACT-OTHER", RejectFile, Carrier, Inferred, "batch of another system or agreement",
        "name another --store for it",
        "a store holds the extracts of one system and, where names of files say it, of one agreement or practice";
    Stopped = "EXTRACT-STOPPED", RejectFile, Business, Published, "agreement that is disabled",
        "ask the practice to enable the agreement; apply the bulk that follows",
        "delivery rules of endeavourhealth/SFTPReader: a disabled agreement freezes the feed; nothing is deleted";
    Held = "EXTRACT-HELD", Warn, Business, Inferred, "organisation whose agreement is disabled",
        "its data stay as they were; ask it to enable the agreement, and apply what follows",
        "delivery rules of endeavourhealth/SFTPReader: a disabled agreement freezes the feed; that it does so for its own organisation follows from the table, which has a row for each";
    Header = "EXTRACT-HEADER", RejectFile, Structure, Inferred, "columns that rows cannot be known by",
        "`concord check FILE` shows all that is wrong with the names of columns",
        "the layout of the standard: a row is known by its key";
    Cells = "EXTRACT-CELLS", RejectFile, Structure, Inferred, "row that cannot be read",
        "nothing of the batch is applied; `concord check FILE` shows all that is wrong",
        "RFC 4180, 2: a row has a cell for each column";
    Key = "EXTRACT-KEY", RejectFile, Structure, Published, "row without its key",
        "nothing of the batch is applied: no later row could take the place of this one",
        "column lists of the extracts: a row is the latest state of its key";
    Withdrawal = "EXTRACT-WITHDRAWAL", RejectFile, Structure, Published, "row that neither stands nor is withdrawn",
        "nothing of the batch is applied: ask what the word means",
        "column lists of the extracts: Deleted, RemovedData, and ACTION I, U or D";
    Reference = "EXTRACT-REFERENCE", Warn, Business, Inferred, "row of nobody",
        "the row is kept, and leads nowhere: ask for the row that it names",
        "column lists of the extracts: the column names a row of the other table";
    Code = "EXTRACT-CODE", Warn, Business, Published, "code that no coding file has",
        "the row is kept, and nothing says what its code means: ask for the coding file that has it",
        "endeavourhealth/Transforms: coding files come before what uses them; missing codes are known to happen";
    }
}

impl ExtractRule {
    /// Its id.
    pub fn id(self) -> &'static str {
        &self.rule().id
    }
}

/// Every rule about batches of extracts.
pub fn rules() -> impl Iterator<Item = &'static Arc<Rule>> {
    RULES.iter()
}
