//! How long is waited, and how much is remembered.

/// How long is waited for messages that were overtaken, what counts as old, and how much is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Minutes, by the times of a sender's own messages, for which a message waits for others that happened before it.
    pub window_minutes: u32,
    /// Most messages that wait, of all senders together; beyond, the earliest of the sender that sends is taken.
    pub most_held: usize,
    /// So many messages in a row that come later than the window show that it was the messages before them that had a wrong
    /// time: from then on the order is counted from theirs.
    pub late_in_a_row: u32,
    /// Numbers (MSH-13) that come before the missing ones are told of.
    pub gap_after: usize,
    /// Minutes between an event and its message from which on the message is told as old.
    pub age_minutes: u32,
    /// Minutes by which an event may be later than its own message, because clocks differ.
    pub ahead_minutes: u32,
    /// Days after a discharge from which on an update is told of.
    pub after_discharge_days: u32,
    /// Most senders that are remembered.
    pub most_senders: usize,
    /// Most stays that are remembered.
    pub most_stays: usize,
    /// Most identifiers of patients that are remembered.
    pub most_people: usize,
    /// Most control ids that are remembered, to recognise repetitions.
    pub most_control_ids: usize,
}

impl Default for Settings {
    /// An hour, a month, and about 250 MB at most.
    fn default() -> Self {
        Self {
            window_minutes: 60,
            most_held: 50_000,
            late_in_a_row: 100,
            gap_after: 1_000,
            age_minutes: 24 * 60,
            ahead_minutes: 5,
            after_discharge_days: 30,
            most_senders: 1_000,
            most_stays: 100_000,
            most_people: 200_000,
            most_control_ids: 200_000,
        }
    }
}
