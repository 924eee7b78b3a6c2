//! The seam to reference data: what the boxes ask of organisations and postcodes, as at a date.

use jiff::civil::Date;

/// Why reference data could not answer.
pub type ReferenceError = Box<dyn std::error::Error + Send + Sync>;

/// How an organisation stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// In operation (status A).
    Active,
    /// Announced (status P).
    Proposed,
    /// Dormant (status D).
    Dormant,
    /// Closed (status C), or not open yet.
    Closed,
}

/// What is known of an organisation on a day. Empty texts stand for what is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Organisation<'r> {
    /// Its code.
    pub code: &'r str,
    /// How it stands.
    pub standing: Standing,
    /// Code of the national grouping, such as `Y63` or `W00`.
    pub national_grouping: &'r str,
    /// Code of the high level health geography, today an integrated care board.
    pub geography: &'r str,
    /// Code of who commissioned it on that day, such as a practice's sub-ICB location.
    pub commissioner: &'r str,
    /// The postcode of its main address.
    pub postcode: &'r str,
    /// Who stood in its place on that day, when it had closed.
    pub successor: &'r str,
}

impl Organisation<'_> {
    /// Whether its status is A or P, as the boxes ask.
    pub fn is_in_force(&self) -> bool {
        matches!(self.standing, Standing::Active | Standing::Proposed)
    }
}

/// What is known of a postcode. Empty texts stand for what is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Postcode<'r> {
    /// Code of the country, such as `E92000001`.
    pub country: &'r str,
    /// Code of the integrated care board, of the Organisation Data Service or of the Office for National Statistics.
    pub icb: &'r str,
    /// Code of the sub-ICB location, likewise.
    pub sub_icb: &'r str,
    /// Code of the local authority.
    pub local_authority: &'r str,
}

/// Reference data as at a date.
pub trait Reference {
    /// Whether there are organisations at all.
    fn has_organisations(&self) -> bool;
    /// Whether there is a postcode directory at all.
    fn has_postcodes(&self) -> bool;
    /// The organisation of that code as it stood on a day.
    ///
    /// # Errors
    /// When the data cannot be read.
    fn organisation(
        &self,
        code: &str,
        date: Date,
    ) -> Result<Option<Organisation<'_>>, ReferenceError>;
    /// A real postcode as it stood on a day, written in capitals without a blank.
    ///
    /// # Errors
    /// When the data cannot be read.
    fn postcode(&self, key: &str, date: Date) -> Result<Option<Postcode<'_>>, ReferenceError>;
}

/// No reference data.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoReference;

impl Reference for NoReference {
    fn has_organisations(&self) -> bool {
        false
    }

    fn has_postcodes(&self) -> bool {
        false
    }

    fn organisation(&self, _: &str, _: Date) -> Result<Option<Organisation<'_>>, ReferenceError> {
        Ok(None)
    }

    fn postcode(&self, _: &str, _: Date) -> Result<Option<Postcode<'_>>, ReferenceError> {
        Ok(None)
    }
}
