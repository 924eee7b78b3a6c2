//! The checker against broken, hostile and merely unusual input.
//!
//! | module | holds that |
//! |---|---|
//! | [`agreement`] | both paths, every size of chunk and every number of threads give the same |

mod agreement;
mod hostile;
mod support;
