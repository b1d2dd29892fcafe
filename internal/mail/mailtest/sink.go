// Package mailtest is a mail server for tests and benchmarks: it takes mail as fast as it can be read, refuses what it
// is told to, and hangs up when it is told to.
package mailtest

import (
	"bufio"
	"bytes"
	"errors"
	"net"
	"strings"
	"sync"
)

// Answer is what the sink says to one mail.
type Answer struct {
	Refuse string // the reply to RCPT in place of 250, as "450 4.2.1 later"
	Reject string // the reply to the message in place of 250; the mail is not taken
	HangUp When   // closes the connection
}

// When is a moment of a delivery.
type When int

// The moments at which a sink can hang up.
const (
	Never        When = iota
	AtRecipient       // before it answers RCPT
	AtMessage         // in the middle of the message
	BeforeAnswer      // with the whole message read, without taking it
	AfterTaking       // with the message taken, without answering
)

// Mail is one that was taken. Message is valid until Taken returns.
type Mail struct {
	From, To string
	Message  []byte // without the final dot; nil unless Options.Keep
}

// Options of Serve. The zero value takes everything.
type Options struct {
	Answer func(to string) Answer // nil takes all; called by several goroutines
	Taken  func(Mail)             // called before the answer is sent, by several goroutines
	Keep   bool                   // gives Taken the message
	Plain  bool                   // offers no PIPELINING
	Shut   func() bool            // hangs up on a new connection before the greeting; nil greets all; called by several goroutines
}

// Sink is a mail server on a loopback port.
type Sink struct {
	options  Options
	listener net.Listener

	mu    sync.Mutex
	conns map[net.Conn]bool
	done  sync.WaitGroup
}

// Serve starts a sink on a loopback address, as "127.0.0.1:0".
func Serve(address string, o Options) (*Sink, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	s := &Sink{options: o, listener: l, conns: map[net.Conn]bool{}}
	s.done.Go(s.accept)
	return s, nil
}

// URL is the sink's address for mail.NewSMTP.
func (s *Sink) URL() string { return "smtp://" + s.listener.Addr().String() + "?tls=off" }

// Close hangs up on everyone and returns when all is over.
func (s *Sink) Close() error {
	err := s.listener.Close()
	s.mu.Lock()
	for c := range s.conns {
		_ = c.Close()
	}
	s.mu.Unlock()
	s.done.Wait()
	return err
}

func (s *Sink) accept() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns[c] = true
		s.mu.Unlock()
		s.done.Go(func() {
			defer func() {
				_ = c.Close()
				s.mu.Lock()
				delete(s.conns, c)
				s.mu.Unlock()
			}()
			session := session{sink: s, r: bufio.NewReaderSize(c, 64<<10), w: bufio.NewWriter(c)}
			_ = session.serve() // it ends with the client
		})
	}
}

// session is one connection.
type session struct {
	sink   *Sink
	r      *bufio.Reader
	w      *bufio.Writer
	mail   Mail
	answer Answer
	said   []byte
}

var errHungUp = errors.New("hung up on purpose")

func (s *session) serve() error {
	if shut := s.sink.options.Shut; shut != nil && shut() {
		return errHungUp
	}
	if err := s.say("220 sink.example ESMTP"); err != nil {
		return err
	}
	for {
		line, err := s.r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if err := s.obey(string(bytes.TrimRight(line, "\r\n"))); err != nil {
			return err
		}
	}
}

// say answers. Answers to commands that came in one flight leave in one (RFC 2920, section 3.2).
func (s *session) say(line string) error {
	_, _ = s.w.WriteString(line)
	if _, err := s.w.WriteString("\r\n"); err != nil || s.r.Buffered() > 0 {
		return err
	}
	return s.w.Flush()
}

func (s *session) obey(line string) error {
	verb, rest, _ := strings.Cut(line, " ")
	switch strings.ToUpper(verb) {
	case "EHLO":
		if s.sink.options.Plain {
			return s.say("250-sink.example\r\n250 SIZE")
		}
		return s.say("250-sink.example\r\n250-PIPELINING\r\n250-SIZE\r\n250 ENHANCEDSTATUSCODES")
	case "MAIL":
		s.mail = Mail{From: path(rest)}
		return s.say("250 2.1.0 ok")
	case "RCPT":
		return s.recipient(path(rest))
	case "DATA":
		if s.mail.To == "" {
			return s.say("503 5.5.1 no recipient")
		}
		return s.data()
	case "RSET", "NOOP":
		s.mail = Mail{}
		return s.say("250 2.0.0 ok")
	case "QUIT":
		_ = s.say("221 2.0.0 bye")
		return errHungUp
	}
	return s.say("500 5.5.2 what?")
}

// path returns the address in FROM:<…> or TO:<…>.
func path(s string) string {
	_, s, _ = strings.Cut(s, "<")
	s, _, _ = strings.Cut(s, ">")
	return s
}

func (s *session) recipient(to string) error {
	s.answer = Answer{}
	if s.sink.options.Answer != nil {
		s.answer = s.sink.options.Answer(to)
	}
	switch {
	case s.answer.HangUp == AtRecipient:
		return errHungUp
	case s.answer.Refuse != "":
		return s.say(s.answer.Refuse)
	}
	s.mail.To = to
	return s.say("250 2.1.5 ok")
}

func (s *session) data() error {
	if err := s.say("354 go ahead"); err != nil {
		return err
	}
	if s.answer.HangUp == AtMessage {
		_, _ = s.r.ReadByte()
		return errHungUp
	}
	s.said = s.said[:0]
	if err := s.readMessage(); err != nil {
		return err
	}
	if s.answer.HangUp == BeforeAnswer {
		return errHungUp
	}
	if s.answer.Reject != "" {
		return s.say(s.answer.Reject)
	}
	if s.sink.options.Taken != nil {
		s.mail.Message = s.said
		s.sink.options.Taken(s.mail)
	}
	s.mail = Mail{}
	if s.answer.HangUp == AfterTaking {
		return errHungUp
	}
	return s.say("250 2.0.0 taken")
}

var final = []byte("\r\n.\r\n")

// readMessage reads up to the final dot, in pieces as large as they come.
func (s *session) readMessage() error {
	if head, err := s.r.Peek(3); err != nil {
		return err
	} else if string(head) == ".\r\n" { // an empty message
		_, err := s.r.Discard(3)
		return err
	}
	for {
		if _, err := s.r.Peek(len(final)); err != nil {
			return err
		}
		piece, _ := s.r.Peek(s.r.Buffered())
		at := bytes.Index(piece, final)
		take := at + len(final)
		if at < 0 {
			take = len(piece) - len(final) + 1 // its beginning may be the end of this piece
		}
		if s.sink.options.Keep {
			s.said = append(s.said, piece[:take]...)
		}
		if _, err := s.r.Discard(take); err != nil {
			return err
		}
		if at >= 0 {
			s.said = s.said[:max(0, len(s.said)-3)]
			return nil
		}
	}
}
