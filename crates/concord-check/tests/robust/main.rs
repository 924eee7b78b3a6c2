//! The checker against broken, hostile and merely unusual input.
//!
//! | module | holds that |
//! |---|---|
//! | [`agreement`] | both paths, every size of chunk and every number of threads give the same |
//! | [`found`] | what fuzzing and random edits found stays found |
//! | [`hostile`] | broken and hostile input gets the right finding and verdict, in bounded memory |
//! | [`oracle`] | documents with one byte changed get the verdict of libxml2; changed CDS instances agree |
//! | [`single`] | one mistake is one finding, and what changes nothing is none |

mod agreement;
mod found;
mod hostile;
#[path = "../official/mod.rs"]
mod official;
mod oracle;
mod single;
#[allow(unreachable_pub)] // the fuzz targets use it too
mod support;
