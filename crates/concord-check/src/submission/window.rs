//! Whether the portal takes the reporting period of a submission when it comes, and what it is then; and what that says of the
//! period that was selected in the portal where the user does not say it.

use concord_standards::submission::{FileType, Parameter, Standing, Submission};
use jiff::civil::Date;

use super::moments;
use super::plan::Parameters;

/// What the published calendar says of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Submitted {
    /// The first day of its reporting period.
    pub period: Date,
    /// When it came.
    pub submitted: Date,
    /// What it is, and which of the windows of its period it comes in, from 1; `None` where no window takes it.
    pub taken: Option<(FileType, usize)>,
    /// The first and the last day on which its period is taken: of the window that it comes in, else of the next one.
    pub window: Option<(Date, Date)>,
}

/// Says for the portal `none` where it takes no period at all.
const NONE: &str = "none";

/// What the calendar says of a submission whose header says this first day of its period; `None` where that is not published.
pub(crate) fn submitted(
    submission: &Submission,
    parameters: &Parameters,
    period: &str,
) -> Option<Submitted> {
    let (calendar, submitted) = (submission.calendar.as_ref()?, day_of(parameters)?);
    let period = moments::day(period)?;
    let of =
        |window: &concord_standards::submission::Window| (window.opens_for(period), window.closes);
    let (taken, window) = match calendar.standing(period, submitted) {
        Standing::Taken {
            window,
            file_type,
            number,
        } => (Some((file_type, number)), Some(of(window))),
        Standing::NotTaken { next } => (None, next.map(of)),
        Standing::Unpublished => return None,
    };
    Some(Submitted {
        period,
        submitted,
        taken,
        window,
    })
}

/// Whether the calendar says which reporting periods could be selected in the portal.
pub(crate) fn is_published(submission: &Submission, parameters: &Parameters) -> bool {
    let Some((calendar, submitted)) = submission.calendar.as_ref().zip(day_of(parameters)) else {
        return false;
    };
    submission.period.is_some()
        && calendar.standing(submitted.first_of_month(), submitted) != Standing::Unpublished
}

/// Adds the reporting period that was selected in the portal, where the user does not say it and the calendar does: the period of
/// the header where it could be selected, and else the latest that could, so that rules see that the two differ.
pub(crate) fn select(
    submission: &Submission,
    parameters: &mut Parameters,
    said: Option<Submitted>,
) {
    let known = [Parameter::PeriodStart, Parameter::PeriodEnd];
    let known = known.map(|parameter| parameters.contains_key(&parameter));
    if known == [true; 2] || !is_published(submission, parameters) {
        return;
    }
    let taken = said.filter(|said| said.taken.is_some());
    let period = taken.map(|said| said.period).or_else(|| {
        let (calendar, day) = submission.calendar.as_ref().zip(day_of(parameters))?;
        let open = calendar.open_on(day);
        open.filter(|window| window.opens_for(window.latest) <= day)
            .map(|window| window.latest)
            .last()
    });
    let text = |day: Option<Date>| day.map_or_else(|| NONE.to_owned(), |day| day.to_string());
    let end = period.map(Date::last_of_month);
    // The user's own word counts.
    parameters
        .entry(Parameter::PeriodStart)
        .or_insert_with(|| text(period));
    parameters
        .entry(Parameter::PeriodEnd)
        .or_insert_with(|| text(end));
}

fn day_of(parameters: &Parameters) -> Option<Date> {
    moments::day(parameters.get(&Parameter::Submitted)?)
}
