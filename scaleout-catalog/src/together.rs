//! A question that many ask at the same moment, asked once for all of them.
//!
//! Nothing is remembered: an answer is given only to those who came before it was asked for. A
//! hundred requests with one token that arrive together cost two queries, and a token that was revoked is
//! known as such by the next request.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Questions by what they ask for.
#[derive(Debug)]
pub struct Together<K, V>(Mutex<HashMap<K, Arc<Question<V>>>>);

#[derive(Debug)]
struct Question<V> {
    /// How many have asked.
    came: AtomicU64,
    /// How many had come before the last answer was asked for, and the answer, if there was one. Whoever
    /// has the lock asks.
    answered: tokio::sync::Mutex<(u64, Option<V>)>,
}

impl<K, V> Default for Together<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Clone + Eq + Hash, V: Clone> Together<K, V> {
    /// The answer to a question, from `ask` or from somebody else's that began after this call.
    ///
    /// # Errors
    /// Those of `ask`. Who waited for somebody else's that failed asks, too, beside the others: were they to
    /// ask one after the other, each would wait for all time limits before it.
    pub async fn ask<E>(&self, key: &K, ask: impl Future<Output = Result<V, E>>) -> Result<V, E> {
        let place = self.place(key);
        let question = &place.question;
        let number = question.came.fetch_add(1, Ordering::AcqRel);
        let mut answered = question.answered.lock().await;
        match &*answered {
            (before, Some(answer)) if number < *before => return Ok(answer.clone()),
            (before, None) if number < *before => drop(answered),
            _ => {
                let before = question.came.load(Ordering::Acquire);
                let asked = ask.await;
                *answered = (before, asked.as_ref().ok().cloned());
                return asked;
            }
        }
        ask.await
    }

    fn place<'t>(&'t self, key: &'t K) -> Place<'t, K, V> {
        let mut all = self.all();
        let question = all.entry(key.clone()).or_insert_with(|| {
            Arc::new(Question {
                came: AtomicU64::new(0),
                answered: tokio::sync::Mutex::default(),
            })
        });
        Place {
            together: self,
            key,
            question: Arc::clone(question),
        }
    }
}

impl<K, V> Together<K, V> {
    fn all(&self) -> MutexGuard<'_, HashMap<K, Arc<Question<V>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody who asks, or has given up asking. The last one takes the question away: strangers may ask
/// for anything.
struct Place<'t, K: Eq + Hash, V> {
    together: &'t Together<K, V>,
    key: &'t K,
    question: Arc<Question<V>>,
}

impl<K: Eq + Hash, V> Drop for Place<'_, K, V> {
    fn drop(&mut self) {
        let mut all = self.together.all();
        // The map's own and this one; whoever comes next does so under the same lock.
        if Arc::strong_count(&self.question) == 2 {
            all.remove(self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::future::poll_immediate;
    use tokio::sync::{Barrier, Semaphore};

    use super::*;

    type Asked = Together<&'static str, u64>;

    /// Answers with how often it was asked, once it may.
    async fn count(asked: &AtomicU64, may: &Semaphore) -> Result<u64, Infallible> {
        let number = asked.fetch_add(1, Ordering::SeqCst) + 1;
        may.acquire().await.unwrap().forget();
        Ok(number)
    }

    #[tokio::test]
    async fn who_comes_while_it_is_asked_waits_for_the_next_answer() {
        let (together, asked, may) = (Asked::default(), AtomicU64::new(0), Semaphore::new(0));
        let ask = || together.ask(&"a", count(&asked, &may));
        let other = together.ask(&"b", count(&asked, &may));
        // In the order in which they are polled first: the first asks, three come too late for it.
        let all = async { tokio::join!(biased; ask(), ask(), ask(), ask(), other) };
        let (answers, ()) = tokio::join!(biased; all, async { may.add_permits(3) });
        assert_eq!(answers, (Ok(1), Ok(3), Ok(3), Ok(3), Ok(2)));
        assert!(together.all().is_empty(), "nothing is remembered");
    }

    #[tokio::test]
    async fn who_waited_for_an_answer_that_failed_asks_beside_the_others() {
        let (together, may_fail, both) = (Asked::default(), Semaphore::new(0), Barrier::new(2));
        let first = together.ask(&"a", async {
            may_fail.acquire().await.unwrap().forget();
            Err("first")
        });
        // Asked for all who came too late for the first one.
        let second = together.ask(&"a", async { Err("second") });
        // Each of them is done only when both ask.
        let ask = async || {
            both.wait().await;
            Ok::<_, &str>(7)
        };
        let others = (together.ask(&"a", ask()), together.ask(&"a", ask()));
        let all = async { tokio::join!(biased; first, second, others.0, others.1) };
        let (answers, ()) = tokio::join!(biased; all, async { may_fail.add_permits(1) });
        assert_eq!(answers, (Err("first"), Err("second"), Ok(7), Ok(7)));
    }

    #[tokio::test]
    async fn whoever_gives_up_holds_up_nobody() {
        let together = Asked::default();
        let mut given_up = Box::pin(together.ask(&"a", std::future::pending::<Result<u64, ()>>()));
        assert_eq!(poll_immediate(&mut given_up).await, None);
        let mut waits = Box::pin(together.ask(&"a", async { Ok::<_, ()>(8) }));
        assert_eq!(poll_immediate(&mut waits).await, None);
        drop(given_up);
        assert_eq!(waits.await, Ok(8));
        assert!(together.all().is_empty(), "nothing is remembered");
    }
}
