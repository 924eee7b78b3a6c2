//! The postcode areas: the letters with which a postcode begins.
//!
//! Source: Royal Mail, Programmers' Guide to the Postcode Address File: 121 areas of the United Kingdom, Guernsey (`GY`),
//! Jersey (`JE`) and the Isle of Man (`IM`), British Forces (`BF`, since 2012) and one of no place (`BX`).

/// In the order of the alphabet.
#[rustfmt::skip]
pub(super) const AREAS: [&str; 126] = [
    "AB", "AL", "B", "BA", "BB", "BD", "BF", "BH", "BL", "BN", "BR", "BS", "BT", "BX",
    "CA", "CB", "CF", "CH", "CM", "CO", "CR", "CT", "CV", "CW", "DA", "DD", "DE", "DG",
    "DH", "DL", "DN", "DT", "DY", "E", "EC", "EH", "EN", "EX", "FK", "FY", "G", "GL",
    "GU", "GY", "HA", "HD", "HG", "HP", "HR", "HS", "HU", "HX", "IG", "IM", "IP", "IV",
    "JE", "KA", "KT", "KW", "KY", "L", "LA", "LD", "LE", "LL", "LN", "LS", "LU", "M",
    "ME", "MK", "ML", "N", "NE", "NG", "NN", "NP", "NR", "NW", "OL", "OX", "PA", "PE",
    "PH", "PL", "PO", "PR", "RG", "RH", "RM", "S", "SA", "SE", "SG", "SK", "SL", "SM",
    "SN", "SO", "SP", "SR", "SS", "ST", "SW", "SY", "TA", "TD", "TF", "TN", "TQ", "TR",
    "TS", "TW", "UB", "W", "WA", "WC", "WD", "WF", "WN", "WR", "WS", "WV", "YO", "ZE",
];

/// Whether the letters are an area.
pub(super) fn is_area(letters: &str) -> bool {
    AREAS.binary_search(&letters).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_in_order_and_as_many_as_there_are() {
        assert!(AREAS.is_sorted());
        assert_eq!(AREAS.len(), 121 + 3 + 2);
        assert!(is_area("LS") && is_area("W") && is_area("BF") && is_area("GY"));
        assert!(!is_area("QQ") && !is_area("ZZ") && !is_area("") && !is_area("UA"));
    }
}
