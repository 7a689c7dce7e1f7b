//! Logs of workers that people wait for: asked for in the next answer that their worker gets.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use scaleout_core::protocol::logs::{LogAnswer, LogQuery, LogSource, LogWanted};
use tokio::sync::oneshot;
use uuid::Uuid;

/// Most questions that wait at once.
const MOST: usize = 1000;

/// Questions to workers.
#[derive(Debug, Default)]
pub(super) struct LogQuestions(Mutex<BTreeMap<Uuid, Question>>);

#[derive(Debug)]
struct Question {
    worker: Uuid,
    /// What to ask; gone once it was asked.
    wanted: Option<LogWanted>,
    answer: oneshot::Sender<LogAnswer>,
}

impl LogQuestions {
    /// Asks a worker; `None` when too many questions wait.
    pub fn ask(
        &self,
        worker: Uuid,
        source: LogSource,
        query: LogQuery,
    ) -> Option<oneshot::Receiver<LogAnswer>> {
        let mut all = self.all();
        // Who has hung up waits no longer.
        all.retain(|_, question| !question.answer.is_closed());
        if MOST <= all.len() {
            return None;
        }
        let request = Uuid::new_v4();
        let (answer, answered) = oneshot::channel();
        let wanted = Some(LogWanted {
            request,
            source,
            query,
        });
        let question = Question {
            worker,
            wanted,
            answer,
        };
        all.insert(request, question);
        Some(answered)
    }

    /// What a worker has not been asked yet.
    pub fn take(&self, worker: Uuid) -> Vec<LogWanted> {
        let mut all = self.all();
        let of_worker = all.values_mut().filter(|one| one.worker == worker);
        of_worker.filter_map(|one| one.wanted.take()).collect()
    }

    /// Passes an answer on. One to a question of another worker goes nowhere.
    pub fn answered(&self, worker: Uuid, answer: LogAnswer) {
        let mut all = self.all();
        let is_its = all
            .get(&answer.request)
            .is_some_and(|one| one.worker == worker);
        if is_its && let Some(question) = all.remove(&answer.request) {
            // Who has hung up needs no answer.
            let _ = question.answer.send(answer);
        }
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<Uuid, Question>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_asked_once_and_answered_by_its_worker_alone() {
        let questions = LogQuestions::default();
        let (mine, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let ask = || questions.ask(mine, LogSource::Service, LogQuery::default());
        let mut answered = ask().unwrap();
        assert_eq!(questions.take(other), []);
        let asked = questions.take(mine);
        assert_eq!(asked.len(), 1);
        assert_eq!(questions.take(mine), []);
        let answer = LogAnswer {
            request: asked[0].request,
            page: None,
            problem: Some("no".to_owned()),
        };
        questions.answered(other, answer.clone());
        assert!(answered.try_recv().is_err());
        questions.answered(mine, answer.clone());
        assert_eq!(answered.try_recv(), Ok(answer));
    }

    #[test]
    fn who_hangs_up_makes_room() {
        let questions = LogQuestions::default();
        let ask = || questions.ask(Uuid::nil(), LogSource::Service, LogQuery::default());
        let mut held: Vec<_> = (0..MOST).map(|_| ask().unwrap()).collect();
        assert!(ask().is_none());
        held.pop();
        assert!(ask().is_some());
    }
}
