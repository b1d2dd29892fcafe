package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

// A client on the same two cores takes from the server what it costs itself:
// this one writes requests made beforehand and reads of an answer no more than
// its status and length, at a few microseconds each.

// post returns the bytes of a form's request with a session's cookie.
func post(host, path, cookie, form string) []byte {
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nOrigin: http://%s\r\n"+
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s",
		path, host, cookie, host, len(form), form)
}

// get returns the bytes of a page's request with a session's cookie.
func get(host, path, cookie string) []byte {
	return fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nAccept-Encoding: gzip\r\n\r\n", path, host, cookie)
}

// volley is what came of sending many different requests.
type volley struct {
	statuses map[int]int // answers by status
	times    []time.Duration
	took     time.Duration
}

func (v volley) rate() float64 { return float64(len(v.times)) / v.took.Seconds() }

// fire sends each request once over conns keep-alive connections to host, each
// of which sends its next request when the last is answered.
func fire(ctx context.Context, host string, conns int, requests [][]byte) (volley, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	shares := make([]volley, conns)
	errs := make([]error, conns)
	began := time.Now()
	var all sync.WaitGroup
	for i := range conns {
		all.Go(func() {
			if shares[i], errs[i] = fireOne(ctx, host, requests, i, conns); errs[i] != nil {
				cancel()
			}
		})
	}
	all.Wait()
	sum := volley{statuses: map[int]int{}, took: time.Since(began)}
	for _, share := range shares {
		sum.times = append(sum.times, share.times...)
		for status, n := range share.statuses {
			sum.statuses[status] += n
		}
	}
	slices.Sort(sum.times)
	return sum, errors.Join(errs...)
}

// fireOne sends the requests first, first+step, … over one connection.
func fireOne(ctx context.Context, host string, requests [][]byte, first, step int) (volley, error) {
	v := volley{statuses: map[int]int{}}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", host)
	if err != nil {
		return v, fmt.Errorf("load client: %w", err)
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	in := bufio.NewReaderSize(conn, 16<<10)
	for i := first; i < len(requests); i += step {
		began := time.Now()
		if _, err := conn.Write(requests[i]); err != nil {
			return v, fmt.Errorf("load client: %w", err)
		}
		status, err := readAnswer(in)
		if err != nil {
			return v, fmt.Errorf("load client: request %d: %w", i, err)
		}
		v.times = append(v.times, time.Since(began))
		v.statuses[status]++
	}
	return v, nil
}

var errUnframed = errors.New("an answer of unknown length on a keep-alive connection")

// readAnswer reads one answer off the connection and returns its status. The
// answer says its length (RFC 9112, 6.3): chunked answers are not read here.
func readAnswer(in *bufio.Reader) (int, error) {
	line, err := in.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	version, rest, _ := bytes.Cut(line, []byte(" "))
	if !bytes.HasPrefix(version, []byte("HTTP/1.1")) || len(rest) < 3 {
		return 0, fmt.Errorf("not an answer: %q", line)
	}
	status, err := strconv.Atoi(string(rest[:3]))
	if err != nil {
		return 0, fmt.Errorf("not an answer: %w", err)
	}
	length := -1
	if status == 204 || status == 304 {
		length = 0
	}
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		if bytes.EqualFold(name, []byte("Content-Length")) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, fmt.Errorf("not a length: %w", err)
			}
		}
	}
	if length < 0 {
		return 0, errUnframed
	}
	_, err = io.CopyN(io.Discard, in, int64(length))
	return status, err
}
