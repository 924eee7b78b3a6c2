//! How much of an input is put up with.

/// Limits that keep hostile or broken input from using up memory, stack or time.
///
/// Each has a generous default; what goes beyond is a finding or an error of its own, never a crash. The first four
/// are for the reader of the carrier, the others for opening.
///
/// ```
/// use concord_read::Limits;
///
/// let limits = Limits { depth: 64, ..Limits::default() };
/// assert_eq!(limits.attributes, 256);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Elements inside each other. Default 256 (the deepest CDS structure has 10).
    pub depth: usize,
    /// Attributes on one element. Default 256.
    pub attributes: usize,
    /// Bytes of one text or attribute value. Default 10 MB.
    pub text_length: usize,
    /// Bytes of one record, decoded. Default 16 MB.
    pub record_size: usize,
    /// How many times larger than its compressed form an input may become, once it is beyond
    /// [`Limits::expansion_free`]. Default 200; interchanges of real shape compress 10 to 60 times.
    pub expansion_ratio: u64,
    /// Decompressed bytes up to which the ratio is not looked at. Default 100 MB.
    pub expansion_free: u64,
    /// Decompressed bytes in all. Default 1 TB: memory does not grow with it, only time does.
    pub decompressed_size: u64,
    /// Entries of one archive. Default 10,000.
    pub archive_entries: usize,
    /// Bytes of an archive that comes over standard input, which must be held in memory because its list of
    /// entries stands at its end. Default 256 MB.
    pub archive_in_memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 256,
            attributes: 256,
            text_length: 10_000_000,
            record_size: 16_000_000,
            expansion_ratio: 200,
            expansion_free: 100_000_000,
            decompressed_size: 1_000_000_000_000,
            archive_entries: 10_000,
            archive_in_memory: 256_000_000,
        }
    }
}
