//! Events of a feed on standard error, for people or for programs.

use std::fmt::{self, Debug};
use std::io::{IsTerminal as _, stderr};

use jiff::Timestamp;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, layer};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, registry};

use super::arguments::LogFormat;

/// Writes events from now on. Of the libraries below only what went wrong is written: what else they say is theirs to
/// choose, and might be of a message.
pub(super) fn start(format: LogFormat, watched: bool) {
    // Both on one terminal would overwrite each other.
    let format = if watched && stderr().is_terminal() {
        LogFormat::None
    } else {
        format
    };
    let ours = Targets::new()
        .with_target("concord", Level::INFO)
        .with_target("concord_feed", Level::INFO)
        .with_default(LevelFilter::OFF);
    let layer = match format {
        LogFormat::None => return,
        LogFormat::Text => layer()
            .with_ansi(false)
            .with_writer(stderr)
            .with_filter(ours)
            .boxed(),
        LogFormat::Json => layer()
            .event_format(JsonLines)
            .with_writer(stderr)
            .with_filter(ours)
            .boxed(),
    };
    // Whoever has set one before, a test for instance, keeps it.
    let _ = registry().with(layer).try_init();
}

/// An event as a line of JSON: when, how grave, what, and its facts by name.
struct JsonLines;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'w> FormatFields<'w> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut facts = Facts::default();
        facts.put("time", Timestamp::now().to_string());
        facts.put("level", event.metadata().level().as_str());
        event.record(&mut facts);
        writeln!(writer, "{}", Value::Object(facts.0))
    }
}

/// The facts of an event.
#[derive(Default)]
struct Facts(Map<String, Value>);

impl Facts {
    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }
}

impl Visit for Facts {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.put(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field.name(), value);
    }
}
