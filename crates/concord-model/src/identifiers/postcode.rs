//! POSTCODE: the forms of United Kingdom postcodes, and the pseudo postcodes of the NHS.
//!
//! Sources: Royal Mail, Programmers' Guide to the Postcode Address File (forms and letters by position); NHS Data
//! Dictionary, attribute POSTCODE (`max an8`); NHS Postcode Directory, pseudo country postcodes (`ZZ99`).
//!
//! The form is one thing and the area another: `UA1 1AA` is well formed and nowhere, which makes it fit for invented
//! people; [`is_valid`] wants the area too.

use super::postcode_areas::is_area;

/// How the two parts of a postcode stand apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spacing {
    /// One blank, as it is written.
    One,
    /// Eight characters, the second part always at the sixth.
    Padded,
    /// Nothing.
    None,
}

/// What a postcode is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A place in the United Kingdom, the Channel Islands or the Isle of Man.
    Place,
    /// British Forces (`BF1`, `BF2`), which the Office for National Statistics' directory does not hold.
    Forces,
    /// `ZZ99`: a country, no fixed abode or address not known, never an address.
    Pseudo,
}

/// A well-formed postcode's parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Postcode<'a> {
    /// The first part, such as `LS1`.
    pub outward: &'a str,
    /// The second part, such as `4AP`.
    pub inward: &'a str,
    /// How they stand apart.
    pub spacing: Spacing,
    /// What it is.
    pub kind: Kind,
}

/// The parts of `text`, in capital letters, when it has the form of a postcode.
pub fn parse(text: &str) -> Option<Postcode<'_>> {
    if !text.is_ascii() || !(5..=8).contains(&text.len()) {
        return None;
    }
    let (front, inward) = text.split_at(text.len() - 3);
    let outward = front.trim_end_matches(' ');
    let spacing = match front.len() - outward.len() {
        0 => Spacing::None,
        1 => Spacing::One,
        _ if text.len() == 8 => Spacing::Padded,
        _ => return None,
    };
    let kind = match (outward, inward.as_bytes()) {
        ("GIR", b"0AA") => Kind::Place,
        ("ZZ99", [b'0'..=b'9', b'A'..=b'Z', b'Z']) => Kind::Pseudo,
        (_, inward) if is_outward(outward.as_bytes()) && is_inward(inward) => match outward {
            "BF1" | "BF2" => Kind::Forces,
            _ => Kind::Place,
        },
        _ => return None,
    };
    Some(Postcode {
        outward,
        inward,
        spacing,
        kind,
    })
}

/// Whether `text` is a postcode as a submission carries it: parts apart by one blank, or padded to eight characters.
pub fn is_well_formed(text: &str) -> bool {
    parse(text).is_some_and(|postcode| postcode.spacing != Spacing::None)
}

/// Whether `text` is a postcode as a submission carries it whose area exists, or a pseudo postcode.
pub fn is_valid(text: &str) -> bool {
    parse(text).is_some_and(|postcode| {
        postcode.spacing != Spacing::None
            && (postcode.kind == Kind::Pseudo || postcode.has_known_area())
    })
}

/// The letters with which the postcode begins, when `text` is one: `LS` of `LS1 4AP`.
pub fn area(text: &str) -> Option<&str> {
    parse(text).map(|postcode| postcode.area())
}

/// Whether `text` is a postcode of British Forces (`BF1`, `BF2`).
pub fn is_forces(text: &str) -> bool {
    parse(text).is_some_and(|postcode| postcode.kind == Kind::Forces)
}

impl<'a> Postcode<'a> {
    /// The letters with which it begins, the area.
    pub fn area(&self) -> &'a str {
        let letters = self
            .outward
            .find(|letter: char| letter.is_ascii_digit())
            .unwrap_or(self.outward.len());
        &self.outward[..letters]
    }

    /// Whether its area exists. `GIR 0AA`, which a bank had, is a postcode of no area and counts; of British Forces'
    /// districts there are `BF1` and `BF2` only.
    pub fn has_known_area(&self) -> bool {
        match self.area() {
            "GIR" => true,
            "BF" => self.kind == Kind::Forces,
            area => is_area(area),
        }
    }

    /// Eight characters, the second part at the sixth, as patient administration systems and hospital statistics keep it.
    pub fn padded(&self) -> [u8; 8] {
        let mut padded = [b' '; 8];
        padded[..self.outward.len()].copy_from_slice(self.outward.as_bytes());
        padded[5..].copy_from_slice(self.inward.as_bytes());
        padded
    }
}

/// Whether `text` is a pseudo postcode.
pub fn is_pseudo(text: &str) -> bool {
    parse(text).is_some_and(|postcode| postcode.kind == Kind::Pseudo)
}

/// `A9`, `A99`, `AA9`, `AA99`, `A9A` and `AA9A`, with the letters that each place may hold.
fn is_outward(outward: &[u8]) -> bool {
    let first = |letter: u8| letter.is_ascii_uppercase() && !b"QVX".contains(&letter);
    let second = |letter: u8| letter.is_ascii_uppercase() && !b"IJZ".contains(&letter);
    let digit = |byte: u8| byte.is_ascii_digit();
    match *outward {
        [a, b] => first(a) && digit(b),
        [a, b, c] if digit(b) => first(a) && (digit(c) || b"ABCDEFGHJKPSTUW".contains(&c)),
        [a, b, c] => first(a) && second(b) && digit(c),
        [a, b, c, d] => {
            first(a) && second(b) && digit(c) && (digit(d) || b"ABEHMNPRVWXY".contains(&d))
        }
        _ => false,
    }
}

/// A digit and two letters, none of them C, I, K, M, O or V.
fn is_inward(inward: &[u8]) -> bool {
    let letter = |byte: u8| byte.is_ascii_uppercase() && !b"CIKMOV".contains(&byte);
    matches!(*inward, [a, b, c] if a.is_ascii_digit() && letter(b) && letter(c))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn forms() {
        for text in [
            "M1 1AE", "B33 8TH", "CR2 6XH", "DN55 1PT", "W1A 0AX", "EC1A 1BB", "GIR 0AA",
            "LS1  4AP", "M1   1AE", "JE2 3BT",
        ] {
            assert!(is_well_formed(text), "{text}");
        }
        for text in [
            "",
            "LS14AP",
            "ls1 4ap",
            "LS1 4A",
            "LS1 4AC",
            "QS1 4AP",
            "LI1 4AP",
            "L11A 4AP",
            "LS1  4A",
            "LS1 4AP ",
            " LS1 4AP",
            "LS1   4AP",
            "W1I 0AX",
            "É1 1AE",
        ] {
            assert!(!is_well_formed(text), "{text}");
        }
        assert_eq!(
            parse("LS14AP").map(|postcode| postcode.spacing),
            Some(Spacing::None)
        );
        assert_eq!(
            parse("M1   1AE").map(|postcode| (postcode.outward, postcode.inward)),
            Some(("M1", "1AE"))
        );
        assert_eq!(
            parse("BF1 4AP").map(|postcode| postcode.kind),
            Some(Kind::Forces)
        );
        for text in ["ZZ99 3VZ", "ZZ99 3WZ", "ZZ99 4MZ"] {
            assert!(is_pseudo(text), "{text}");
        }
        assert!(!is_pseudo("ZZ99 3VA") && !is_pseudo("ZE1 0AA"));
    }

    #[test]
    fn areas() {
        for text in [
            "LS1 4AP", "GIR 0AA", "BF1 3AA", "BF2 0AA", "ZZ99 3VZ", "W1A 0AX", "IM1 1AA",
            "M1   1AE",
        ] {
            assert!(is_valid(text), "{text}");
        }
        for text in [
            "QQ1 1AA", "UA1 1AA", "BF3 1AA", "LS14AP", "J1 1AA", "AA1 1AA",
        ] {
            assert!(!is_valid(text), "{text}");
        }
        assert!(!is_well_formed("QQ1 1AA"), "no area begins with Q");
        assert_eq!(area("EC1A 1BB"), Some("EC"));
        assert_eq!(area("W1A 0AX"), Some("W"));
        assert!(is_forces("BF1 3AA") && !is_forces("B1 3AA"));
        let padded = |text| parse(text).map(|postcode| postcode.padded());
        assert_eq!(padded("M1 1AE").as_ref(), Some(b"M1   1AE"));
        assert_eq!(padded("EC1A1BB").as_ref(), Some(b"EC1A 1BB"));
    }

    proptest! {
        /// The same forms as one expression.
        #[test]
        fn agrees_with_the_expression(text in prop_oneof!["[A-Z]{1,2}[0-9][0-9A-Z]? {0,3}[0-9][A-Z]{2}", "ZZ99 [0-9][A-Z]{2}", "[A-Z0-9 ]{5,8}"]) {
            let place = regex::Regex::new(concat!(
                "^(?:GIR 0AA|ZZ99 [0-9][A-Z]Z|(?:[A-PR-UWYZ][0-9][0-9ABCDEFGHJKPSTUW]?",
                "|[A-PR-UWYZ][A-HK-Y][0-9][0-9ABEHMNPRVWXY]?) [0-9][ABD-HJLNP-UW-Z]{2})$",
            )).expect("a regular expression");
            let one_blank = parse(&text).is_some_and(|postcode| postcode.spacing == Spacing::One);
            prop_assert_eq!(one_blank, place.is_match(&text), "{}", text);
        }

        /// The eight characters mean the same postcode, whatever the spacing was.
        #[test]
        fn padding_keeps_the_parts(text in "[A-Z]{1,2}[0-9][0-9A-Z]? {0,1}[0-9][ABD-HJLN]{2}") {
            if let Some(postcode) = parse(&text) {
                let padded = postcode.padded();
                let again = parse(std::str::from_utf8(&padded).expect("ASCII")).expect("well formed");
                prop_assert_eq!((again.outward, again.inward, again.kind), (postcode.outward, postcode.inward, postcode.kind));
                let letters: String = text.chars().take_while(char::is_ascii_uppercase).collect();
                prop_assert_eq!(postcode.area(), letters);
            }
        }

        #[test]
        fn any_text_is_parsed(text in ".{0,10}") {
            is_valid(&text);
            area(&text);
        }
    }
}
