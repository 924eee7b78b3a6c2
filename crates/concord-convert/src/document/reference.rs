//! The numbers of records, without the gaps that records leave which are not written.

use super::facts::Facts;

/// The field that numbers the records of a document.
pub(super) const REFERENCE: (&str, &str) = ("activity_record", "cds_message_reference");
/// After this one numbers begin again at 1 (NHS Data Dictionary, CDS MESSAGE REFERENCE).
const GREATEST: u64 = 9_999_999;

/// The number of a record, if it is one.
pub(super) fn number(text: &str) -> Option<u64> {
    let number = text.trim().parse().ok()?;
    (1..=GREATEST).contains(&number).then_some(number)
}

/// Where a record came from: file, and number in it.
pub(super) type From<'f> = (&'f str, i64);

/// Numbers records anew as far as records before them are left out, and no further: a record whose number followed that of the
/// record before it in its file follows it again. Numbers that came out of order stay as they came.
#[derive(Debug, Default)]
pub(super) struct References {
    /// The record that was written last: its file, its number there, and its reference as it came and as it was written.
    last: Option<(String, i64, u64, u64)>,
}

impl References {
    /// The number that a record is to have, where it is another than it says.
    pub(super) fn anew(&self, said: &Facts<'_>, (file, record): From<'_>) -> Option<u64> {
        let stated = stated(said)?;
        let (last_file, last_record, last_stated, written) = self.last.as_ref()?;
        let apart = u64::try_from(record.checked_sub(*last_record)?).ok()?;
        let behind = (stated + GREATEST - last_stated) % GREATEST;
        let next = written % GREATEST + 1;
        (file == last_file && behind == apart && next != stated).then_some(next)
    }

    /// Takes note of a record that is written.
    pub(super) fn written(
        &mut self,
        said: &Facts<'_>,
        facts: &Facts<'_>,
        (file, record): From<'_>,
    ) {
        let both = stated(said).zip(stated(facts));
        self.last = both.map(|(stated, written)| (file.to_owned(), record, stated, written));
    }
}

fn stated(facts: &Facts<'_>) -> Option<u64> {
    number(facts.said(REFERENCE.0, REFERENCE.1)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes records that say these references, each with its number in its file; gives what they are written with.
    fn written(records: &[(&str, i64, &str)]) -> Vec<String> {
        let mut references = References::default();
        let each = records.iter().map(|&(file, record, reference)| {
            let mut said = Facts::default();
            said.say(REFERENCE.0, REFERENCE.1, reference, true);
            let mut facts = said.clone();
            if let Some(number) = references.anew(&said, (file, record)) {
                facts.say(REFERENCE.0, REFERENCE.1, &number.to_string(), true);
            }
            references.written(&said, &facts, (file, record));
            facts
                .said(REFERENCE.0, REFERENCE.1)
                .unwrap_or_default()
                .to_owned()
        });
        each.collect()
    }

    #[test]
    fn records_that_are_left_out_leave_no_gaps() {
        let all = [("a", 1, "41"), ("a", 2, "42"), ("a", 3, "43")];
        assert_eq!(written(&all), ["41", "42", "43"]);
        let some = [
            ("a", 2, "42"),
            ("a", 3, "43"),
            ("a", 6, "46"),
            ("a", 7, "47"),
            ("a", 9, "49"),
        ];
        assert_eq!(written(&some), ["42", "43", "44", "45", "46"]);
        let round = [("a", 1, "9999998"), ("a", 4, "2"), ("a", 5, "3")];
        assert_eq!(written(&round), ["9999998", "9999999", "1"]);
    }

    #[test]
    fn numbers_that_came_out_of_order_stay_as_they_came() {
        let out_of_order = [
            ("a", 1, "7"),
            ("a", 2, "3"),
            ("a", 4, "9"),
            ("a", 5, "x"),
            ("a", 7, "12"),
        ];
        assert_eq!(written(&out_of_order), ["7", "3", "9", "x", "12"]);
        let of_another = [("a", 1, "1"), ("b", 3, "3")];
        assert_eq!(written(&of_another), ["1", "3"]);
    }
}
