//! A store and processes that a test drives step by step, without threads.

use std::{
    future::Future,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use actix_secure_session_tests::T0;
use secure_session::{
    __private::revocation::{Process, entry},
    RevocationEntry, RevocationError, Revocations, Session,
    test_util::TestClock,
};

use super::support::{Auth, AuthSelector, Site};

/// The store, and the processes that use it.
pub(crate) struct World {
    /// The clock of the store and, if it has no other, of a process.
    pub(crate) clock: TestClock,
    pub(crate) log: Vec<RevocationEntry>,
    pub(crate) highest: u64,
    pub(crate) processes: Vec<Member>,
}

pub(crate) struct Member {
    pub(crate) process: Process,
    pub(crate) site: Site,
    read: usize,
}

impl World {
    pub(crate) fn new(processes: usize) -> Self {
        let clock = TestClock::at(T0);
        let mut world = Self {
            processes: Vec::new(),
            clock: clock.clone(),
            log: Vec::new(),
            highest: 0,
        };
        (0..processes).for_each(|_| world.start(&clock));
        world
    }

    /// Starts a process with this clock, which has read nothing yet.
    pub(crate) fn start(&mut self, clock: &TestClock) {
        let process = Process::new(Revocations::builder().clock(clock));
        let site = Site::of(clock, process.revocations());
        self.processes.push(Member {
            process,
            site,
            read: 0,
        });
    }

    pub(crate) fn site(&self, process: usize) -> &Site {
        &self.processes[process].site
    }

    /// Replaces the store by an empty one.
    pub(crate) fn empty_store(&mut self) {
        self.log.clear();
        self.highest = 0;
        for member in &mut self.processes {
            member.read = 0;
        }
    }

    /// Stores what a process has queued.
    pub(crate) fn flush(&mut self, process: usize) {
        let queued = self.processes[process].process.queued();
        let stored: Vec<_> = queued.into_iter().map(|entry| self.store(entry)).collect();
        self.processes[process].process.recorded(&stored);
    }

    fn store(&mut self, entry: RevocationEntry) -> RevocationEntry {
        let entry = entry.with_number(RevocationEntry::next_number(self.highest, self.now()));
        self.highest = self.highest.max(entry.number().unwrap_or_default());
        self.log.push(entry);
        entry
    }

    /// Gives a process all entries that it has not read.
    pub(crate) fn deliver(&mut self, process: usize) {
        let member = &mut self.processes[process];
        for entry in &self.log[member.read..] {
            member.process.read(entry);
        }
        member.read = self.log.len();
    }

    pub(crate) fn exchange(&mut self) {
        (0..self.processes.len()).for_each(|process| self.flush(process));
        (0..self.processes.len()).for_each(|process| self.deliver(process));
    }

    /// Plays the thread of a process while it revokes the other sessions.
    pub(crate) fn revoke_others(
        &mut self,
        process: usize,
        session: &Session<Auth>,
        selector: AuthSelector,
    ) -> Result<(), RevocationError> {
        let revocations = self.site(process).revocations.clone();
        let mut others = pin!(revocations.revoke_others(session, selector));
        assert!(poll(others.as_mut()).is_pending());
        self.flush(process);
        let mut queued = None;
        // The number is the next one, so it can be computed before the entry is stored.
        let (highest, now) = (self.highest, self.now());
        self.processes[process].process.append_once(|entry| {
            let entry = entry.with_number(RevocationEntry::next_number(highest, now));
            queued = Some(entry);
            entry
        });
        self.store(queued.expect("an entry"));
        assert!(poll(others.as_mut()).is_pending());
        self.deliver(process);
        match poll(others.as_mut()) {
            Poll::Ready(result) => result,
            Poll::Pending => panic!("the entry was read"),
        }
    }

    /// Returns the highest number that a process knows.
    pub(crate) fn highest_known(&self) -> u64 {
        let known = self.processes.iter().map(|member| member.process.highest());
        known.max().unwrap_or_default()
    }

    /// Appends a fence, as a process does whose store gives lower numbers than before.
    pub(crate) fn fence(&mut self, number: u64) {
        let fence = entry("fence", [0; 16], number, 0).expect("a fence");
        self.store(fence);
    }

    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.clock.now())
    }
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}
