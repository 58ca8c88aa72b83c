use std::sync::mpsc::{self, RecvError, TryRecvError};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// A channel that holds only so many bytes: who sends more waits until there is room. Nothing is dropped, and one message has
/// always room, however large it is.
pub(super) fn backlog<T>(most: usize) -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = mpsc::channel();
    let held = Arc::new(Held { most, state: Mutex::default(), room: Condvar::new() });
    (Sender { messages: sender, held: held.clone() }, Receiver { messages: receiver, held })
}

/// The end that is sent to.
#[derive(Debug)]
pub(super) struct Sender<T> {
    messages: mpsc::Sender<(usize, T)>,
    held: Arc<Held>,
}

/// The end that is read.
#[derive(Debug)]
pub(super) struct Receiver<T> {
    messages: mpsc::Receiver<(usize, T)>,
    held: Arc<Held>,
}

#[derive(Debug)]
struct Held {
    most: usize,
    state: Mutex<State>,
    room: Condvar,
}

#[derive(Default, Debug)]
struct State {
    bytes: usize,
    /// Nobody reads any more.
    over: bool,
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self { messages: self.messages.clone(), held: self.held.clone() }
    }
}

impl<T> Sender<T> {
    /// Sends a message of so many bytes. What nobody reads any more is dropped.
    pub(super) fn send(&self, bytes: usize, message: T) {
        let full = |state: &mut State| !state.over && state.bytes > 0 && state.bytes + bytes > self.held.most;
        let state = self.held.room.wait_while(self.held.state(), full);
        state.unwrap_or_else(PoisonError::into_inner).bytes += bytes;
        let _ = self.messages.send((bytes, message));
    }
}

impl<T> Receiver<T> {
    /// The next message, as soon as there is one.
    pub(super) fn recv(&self) -> Result<T, RecvError> {
        self.messages.recv().map(|(bytes, message)| self.taken(bytes, message))
    }

    /// The next message, if there is one.
    pub(super) fn try_recv(&self) -> Result<T, TryRecvError> {
        self.messages.try_recv().map(|(bytes, message)| self.taken(bytes, message))
    }

    /// How many bytes wait to be read.
    pub(super) fn bytes(&self) -> usize {
        self.held.state().bytes
    }

    fn taken(&self, bytes: usize, message: T) -> T {
        self.held.state().bytes -= bytes;
        self.held.room.notify_all();
        message
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.held.state().over = true;
        self.held.room.notify_all();
    }
}

impl Held {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = 1_000;
    const EACH: usize = 300;

    /// Sends numbers from a thread of its own, until somebody has to wait, or all are sent.
    fn full(count: u32) -> (Receiver<u32>, std::thread::JoinHandle<()>) {
        let (sender, receiver) = backlog(MOST);
        let sends = std::thread::spawn(move || (0..count).for_each(|number| sender.send(EACH, number)));
        while !sends.is_finished() && receiver.bytes() + EACH <= MOST {
            std::thread::yield_now();
        }
        (receiver, sends)
    }

    #[test]
    fn no_more_is_held_than_there_is_room_for_and_nothing_is_lost() {
        let (receiver, sends) = full(10_000);
        for number in 0..10_000 {
            assert!(receiver.bytes() <= MOST, "{} bytes", receiver.bytes());
            assert_eq!(receiver.recv(), Ok(number));
        }
        sends.join().expect("it sends");
        assert_eq!((receiver.try_recv(), receiver.bytes()), (Err(TryRecvError::Disconnected), 0));
    }

    #[test]
    fn what_is_larger_than_all_the_room_is_sent_alone() {
        let (sender, receiver) = backlog(MOST);
        sender.send(5 * MOST, 1);
        assert_eq!(receiver.recv(), Ok(1));
        sender.send(5 * MOST, 2);
        assert_eq!(receiver.try_recv(), Ok(2));
    }

    #[test]
    fn nobody_waits_for_a_reader_who_is_gone() {
        let (receiver, sends) = full(10_000);
        drop(receiver);
        let (ended, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || ended.send(sends.join().is_ok()));
        assert_eq!(told.recv_timeout(std::time::Duration::from_secs(10)), Ok(true), "it waits for nobody");
    }
}
