//! Postcodes: keys, pseudo postcodes, and what a directory says of one.

use jiff::civil::Date;

use crate::words::{self, PseudoPostcode};

/// What is known of a postcode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PostcodeEntry<'d> {
    /// Without a blank.
    pub postcode: &'d str,
    /// First day of the month of introduction.
    pub introduced: Option<Date>,
    /// Last day of the month of termination; none while it is in use.
    pub terminated: Option<Date>,
    /// Code of the country, such as `E92000001`.
    pub country: &'d str,
    /// Code of the region of England, or a pseudo code.
    pub region: &'d str,
    /// Code of the NHS England region.
    pub nhs_region: &'d str,
    /// Code of the local authority district.
    pub local_authority: &'d str,
    /// Code of the sub-ICB location, or of the CCG in older directories.
    pub sub_icb: &'d str,
    /// Code of the integrated care board, or of the partnership in older directories.
    pub icb: &'d str,
    /// Lower layer super output area of 2011.
    pub lsoa11: &'d str,
    /// Lower layer super output area of 2021.
    pub lsoa21: &'d str,
    /// What it stands for when it is no address.
    pub pseudo: Option<&'d PseudoPostcode>,
}

impl PostcodeEntry<'_> {
    /// Whether it was in use on that day. Pseudo postcodes always are.
    pub fn is_live(&self, date: Date) -> bool {
        self.pseudo.is_some()
            || (self.introduced.is_none_or(|introduced| introduced <= date)
                && self.terminated.is_none_or(|terminated| date <= terminated))
    }

    /// The entry of a pseudo postcode.
    pub(crate) fn pseudo(pseudo: &'static PseudoPostcode) -> PostcodeEntry<'static> {
        PostcodeEntry {
            postcode: pseudo.postcode,
            introduced: None,
            terminated: None,
            country: "",
            region: "",
            nhs_region: "",
            local_authority: "",
            sub_icb: "",
            icb: "",
            lsoa11: "",
            lsoa21: "",
            pseudo: Some(pseudo),
        }
    }
}

/// The key of a postcode: capital letters and digits, however the parts stand apart. None for what cannot be a postcode:
/// other characters, fewer than 5 or more than 7 letters and digits.
pub fn key(text: &str) -> Option<String> {
    let mut key = String::with_capacity(8);
    for byte in text.bytes() {
        match byte {
            b' ' => {}
            _ if byte.is_ascii_alphanumeric() && key.len() < 7 => {
                key.push(char::from(byte.to_ascii_uppercase()));
            }
            _ => return None,
        }
    }
    (5..=7).contains(&key.len()).then_some(key)
}

/// What a pseudo postcode stands for, when `text` is one that is known.
pub fn pseudo_postcode(text: &str) -> Option<&'static PseudoPostcode> {
    let key = key(text)?;
    let known = words::pseudo_postcodes();
    known
        .binary_search_by(|known| known.postcode.cmp(&key))
        .ok()
        .map(|index| &known[index])
}
