//! What answers an interchange.
//!
//! Two forms are in use. A receipt of GP Links (`RECEP:0:2:FH`) has for each message whether it was translated (CP), could not be
//! (CA) or only in part (CI), and for the interchange whether it was received (OK), with invalid messages (ER), or without a valid
//! one (NA). An acknowledgement of reports (`NHSACK:D:1:NH:NHS001`) has for each message whether it was accepted (MA) or rejected
//! (MR) and why, and for the interchange whether it was accepted (IAF), in part (IAP), or not: every message (IRA), the messages
//! as such (IRM), the interchange (IRI). It is sent where UNB-9 asks for it.

use concord_read::edifact::{Interchange, Service, write_segment};

use crate::moment::Moment;

/// Which form a receipt has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptForm {
    /// `RECEP:0:2:FH`.
    Recep,
    /// `NHSACK:D:1:NH:NHS001`.
    NhsAck,
}

/// What was found out about an interchange.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judged {
    /// Why the interchange as a whole is rejected, when it is.
    pub interchange: Option<String>,
    /// Why its messages cannot be read as messages, when they cannot.
    pub messages_as_such: Option<String>,
    /// For each message why it is rejected, when it is.
    pub messages: Vec<Option<String>>,
}

/// A receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Its text, a line for each segment.
    pub text: String,
    /// What it says of the interchange: `OK`, `IAF` and so on.
    pub status: &'static str,
}

/// An interchange that cannot be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptError {
    /// It has no header.
    #[error("nobody can be answered: the messages stand in no interchange (UNB)")]
    NoHeader,
    /// Its header does not say who sent it, to whom, and which interchange it is.
    #[error(
        "nobody can be answered: UNB does not say who sent the interchange (UNB-2), to whom (UNB-3), and its reference (UNB-5)"
    )]
    Header,
    /// The receipt has a form that messages of this type do not have.
    #[error("messages of this type have no receipt")]
    NoForm,
}

impl ReceiptForm {
    /// The form of the receipt for messages of a type; none for receipts themselves.
    pub fn of(kind: &str) -> Option<Self> {
        match kind.split(':').next().unwrap_or_default() {
            "RECEP" | "NHSACK" | "" => None,
            "FHSREG" => Some(Self::Recep),
            _ => Some(Self::NhsAck),
        }
    }
}

impl Receipt {
    /// Whether an interchange asks for an answer: one of GP Links always does, others say so in UNB-9.
    pub fn is_wanted(form: ReceiptForm, interchange: &Interchange<'_>) -> bool {
        form == ReceiptForm::Recep || interchange.header.text(9, 1) == "1"
    }

    /// Answers an interchange at a moment. `reference` is that of the receipt's own interchange and message.
    ///
    /// # Errors
    /// [`ReceiptError`] when its header does not say whom to answer.
    pub fn new(
        form: ReceiptForm,
        interchange: &Interchange<'_>,
        judged: &Judged,
        moment: Moment,
        reference: u64,
    ) -> Result<Self, ReceiptError> {
        let header = &interchange.header;
        if header.tag() != "UNB" {
            return Err(ReceiptError::NoHeader);
        }
        let said = [header.text(2, 1), header.text(3, 1), header.text(5, 1)];
        if said.iter().any(String::is_empty) {
            return Err(ReceiptError::Header);
        }
        Ok(match form {
            ReceiptForm::Recep => recep(interchange, &said, judged, moment, reference),
            ReceiptForm::NhsAck => nhs_ack(interchange, &said, judged, moment, reference),
        })
    }
}

/// Segments that are written one after the other.
struct Pen {
    out: String,
    segments: usize,
}

impl Pen {
    fn write(&mut self, tag: &str, elements: &[&[&str]]) {
        let elements: Vec<Vec<String>> = elements
            .iter()
            .map(|element| element.iter().map(|text| (*text).to_owned()).collect())
            .collect();
        write_segment(&mut self.out, &Service::default(), tag, &elements);
        self.out.push('\n');
        self.segments += 1;
    }
}

fn recep(
    interchange: &Interchange<'_>,
    [sender, recipient, control]: &[String; 3],
    judged: &Judged,
    moment: Moment,
    reference: u64,
) -> Receipt {
    let refused = judged
        .messages
        .iter()
        .filter(|message| message.is_some())
        .count();
    let status = if judged.interchange.is_some() || refused == judged.messages.len() {
        "NA"
    } else if refused > 0 {
        "ER"
    } else {
        "OK"
    };
    let clock = moment.clock();
    let own = format!("{reference:08}");
    let mut pen = Pen {
        out: String::new(),
        segments: 0,
    };
    let (day, time) = (&clock[2..8], &clock[8..]);
    pen.write(
        "UNB",
        &[
            &["UNOA", "2"],
            &[recipient],
            &[sender],
            &[day, time],
            &[&own],
            &[],
            &["RECEP"],
            &[],
            &[],
            &["EDIFACT TRANSFER"],
        ],
    );
    pen.segments = 0;
    pen.write("UNH", &[&[&own], &["RECEP", "0", "2", "FH"]]);
    pen.write("BGM", &[&[], &["600"], &["243", &clock, "306"], &["64"]]);
    let named = |tag: &str, qualifier: &str| {
        // The first message stands for all of them.
        let first = interchange
            .messages
            .first()
            .map(|message| &message.segments);
        let segments = first.into_iter().flatten();
        let mut found =
            segments.filter(|segment| segment.tag() == tag && segment.text(1, 1) == qualifier);
        found.next().map(|segment| segment.text(2, 1))
    };
    let authority = named("NAD", "FHS").unwrap_or_default();
    // 9999 stands for no GP in particular.
    let gp = named("NAD", "GP").unwrap_or_else(|| "9999".to_owned());
    pen.write("NHS", &[&[&authority, "819", "201"], &[&gp, "814", "202"]]);
    pen.write("DTM", &[&["815", &clock, "306"]]);
    for (message, refused) in interchange.messages.iter().zip(&judged.messages) {
        let known = message.segments.first().map(|header| header.text(1, 1));
        let code = if refused.is_some() { "CA" } else { "CP" };
        let said = format!("{} {code}", known.unwrap_or_default());
        pen.write("RFF", &[&["MIS", &said]]);
    }
    let count = judged.messages.len().to_string();
    pen.write("RFF", &[&["RIS", &format!("{control} {status}"), &count]]);
    let segments = (pen.segments + 1).to_string();
    pen.write("UNT", &[&[&segments], &[&own]]);
    pen.write("UNZ", &[&["1"], &[&own]]);
    Receipt {
        text: pen.out,
        status,
    }
}

fn nhs_ack(
    interchange: &Interchange<'_>,
    [sender, recipient, control]: &[String; 3],
    judged: &Judged,
    moment: Moment,
    reference: u64,
) -> Receipt {
    let refused = judged
        .messages
        .iter()
        .filter(|message| message.is_some())
        .count();
    let (status, error) = match (&judged.interchange, &judged.messages_as_such) {
        (Some(reason), _) => ("IRI", Some(reason)),
        (None, Some(reason)) => ("IRM", Some(reason)),
        _ if refused == 0 => ("IAF", None),
        _ if refused == judged.messages.len() => ("IRA", None),
        _ => ("IAP", None),
    };
    let clock = moment.clock();
    let own = reference.to_string();
    let mut pen = Pen {
        out: "UNA:+.? '\n".to_owned(),
        segments: 0,
    };
    let (day, time) = (&clock[2..8], &clock[8..]);
    let kind = format!("{}_ACK", interchange.header.text(7, 1));
    pen.write(
        "UNB",
        &[
            &["UNOC", "3"],
            &[recipient],
            &[sender],
            &[day, time],
            &[&own],
            &[],
            &[&kind],
        ],
    );
    pen.segments = 0;
    pen.write("UNH", &[&["1"], &["NHSACK", "D", "1", "NH", "NHS001"]]);
    pen.write("BGM", &[&["AKR"]]);
    pen.write("DTM", &[&["137", &clock[..8], "102"]]);
    pen.write(
        "NIR",
        &[&["SIR", control], &[sender], &[recipient], &[status]],
    );
    if let Some(reason) = error {
        pen.write("FTX", &[&["ERD"], &[], &[], &[&cut(reason)]]);
    } else {
        for (message, refused) in interchange.messages.iter().zip(&judged.messages) {
            let known = message
                .segments
                .first()
                .map(|header| header.text(1, 1))
                .unwrap_or_default();
            pen.write(
                "NMR",
                &[
                    &["AGO", &known],
                    &[if refused.is_some() { "MR" } else { "MA" }],
                ],
            );
            if let Some(reason) = refused {
                pen.write("FTX", &[&["ERD"], &[], &[], &[&cut(reason)]]);
            }
        }
    }
    let segments = (pen.segments + 1).to_string();
    pen.write("UNT", &[&[&segments], &["1"]]);
    pen.write("UNZ", &[&["1"], &[&own]]);
    Receipt {
        text: pen.out,
        status,
    }
}

/// As much of a reason as one component of text takes.
fn cut(reason: &str) -> String {
    const MOST: usize = 70;
    reason.chars().take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(text: &str, judged: &Judged, form: ReceiptForm) -> Receipt {
        let read = Interchange::read_all(text.as_bytes());
        let moment = Moment::by_the_clock("202008071412").expect("a moment");
        Receipt::new(form, &read[0], judged, moment, 1).expect("it can be answered")
    }

    #[test]
    fn receipts_of_gp_links() {
        let text = "UNB+UNOA:2+XX11+TES5+200610:1438+00000003'UNH+00000006+FHSREG:0:1:FH:FHS001'NAD+FHS+XX1:954'NAD+GP+12,3:900'UNT+4+00000006'UNH+00000007+FHSREG:0:1:FH:FHS001'UNT+2+00000007'UNZ+2+00000003'";
        let good = Judged {
            messages: vec![None, None],
            ..Judged::default()
        };
        let receipt = answered(text, &good, ReceiptForm::Recep);
        let expected = "UNB+UNOA:2+TES5+XX11+200807:1412+00000001++RECEP+++EDIFACT TRANSFER'\nUNH+00000001+RECEP:0:2:FH'\nBGM++600+243:202008071412:306+64'\nNHS+XX1:819:201+12,3:814:202'\nDTM+815:202008071412:306'\nRFF+MIS:00000006 CP'\nRFF+MIS:00000007 CP'\nRFF+RIS:00000003 OK:2'\nUNT+8+00000001'\nUNZ+1+00000001'\n";
        assert_eq!(receipt.text, expected);
        let partly = Judged {
            messages: vec![None, Some("wrong".to_owned())],
            ..Judged::default()
        };
        let receipt = answered(text, &partly, ReceiptForm::Recep);
        assert!(receipt.text.contains("00000007 CA'") && receipt.text.contains("00000003 ER:2'"));
        let none = Judged {
            messages: vec![Some("a".to_owned()), Some("b".to_owned())],
            ..Judged::default()
        };
        assert_eq!(answered(text, &none, ReceiptForm::Recep).status, "NA");
    }

    #[test]
    fn acknowledgements_of_reports() {
        let text = "UNB+UNOC:3+A+B+100301:1751+1015++MEDRPT++1'UNH+1+MEDRPT:0:1:RT:NHS003'UNT+2+1'UNH+2+MEDRPT:0:1:RT:NHS003'UNT+2+2'UNZ+2+1015'";
        let partly = Judged {
            messages: vec![None, Some("the result's text is missing".to_owned())],
            ..Judged::default()
        };
        let receipt = answered(text, &partly, ReceiptForm::NhsAck);
        let expected = "UNA:+.? '\nUNB+UNOC:3+B+A+200807:1412+1++MEDRPT_ACK'\nUNH+1+NHSACK:D:1:NH:NHS001'\nBGM+AKR'\nDTM+137:20200807:102'\nNIR+SIR:1015+A+B+IAP'\nNMR+AGO:1+MA'\nNMR+AGO:2+MR'\nFTX+ERD+++the result?'s text is missing'\nUNT+8+1'\nUNZ+1+1'\n";
        assert_eq!(receipt.text, expected);
        let whole = Judged {
            interchange: Some("counts".to_owned()),
            ..Judged::default()
        };
        let receipt = answered(text, &whole, ReceiptForm::NhsAck);
        assert!(receipt.status == "IRI" && receipt.text.contains("UNT+6+1'"));
        let read = Interchange::read_all(b"UNH+1+MEDRPT:0:1:RT:NHS003'UNT+2+1'");
        let moment = Moment::by_the_clock("202008071412").expect("a moment");
        let error = Receipt::new(ReceiptForm::NhsAck, &read[0], &partly, moment, 1);
        assert_eq!(error, Err(ReceiptError::NoHeader));
        assert_eq!(ReceiptForm::of("RECEP:0:2:FH"), None);
    }
}
