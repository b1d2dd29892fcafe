// Command bench measures Gatefold against yardsticks that run beside it on the
// same machine in the same minutes, and prints the ratios: absolute figures of
// one machine mean little on another.
//
// The yardstick for pages is nginx with gzip_static serving the very bytes that
// Gatefold answers with, set up as fast as nginx goes: a worker a core, no
// access log, open files kept. Gatefold runs whole, as it is shipped. Rounds
// alternate between the two, so that what else the machine does hits both.
//
//	make bench
//	go run ./bench -only article,304 -rounds 3
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// options are what a run can be told.
type options struct {
	rounds  int           // counted rounds of each contender, after one that warms up
	round   time.Duration // length of one round
	threads int           // of wrk
	conns   int           // connections of wrk and of the unlock client
	corpus  string        // folder of *.jsonl.gz to import; absent: generated articles
	keep    string        // folder the journal stays in for the next run; empty: it is made anew and removed
	slug    string        // of the article measured; empty: the newest behind the wall
	only    map[string]bool
}

func parseOptions(args []string) (options, error) {
	var o options
	var only string
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.IntVar(&o.rounds, "rounds", 5, "counted rounds of each contender")
	flags.DurationVar(&o.round, "round", 4*time.Second, "length of one round")
	flags.IntVar(&o.threads, "threads", 2, "threads of wrk")
	flags.IntVar(&o.conns, "connections", 32, "connections at the same time")
	flags.StringVar(&o.corpus, "corpus", "../shared/corpus", "folder of *.jsonl.gz to import; without it articles are generated")
	flags.StringVar(&o.keep, "keep", "", "folder the journal stays in, to be used again by the next run (which measures no import)")
	flags.StringVar(&o.slug, "article", "", "slug of the article to measure (default: the newest behind the wall)")
	flags.StringVar(&only, "only", "", "measures to take, separated by commas: "+strings.Join(measureNames(), ", "))
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	if flags.NArg() > 0 || o.rounds < 1 || o.conns < 1 || o.threads < 1 || o.round < time.Second {
		return options{}, fmt.Errorf("bench takes flags only, at least one round, of at least a second")
	}
	o.only = map[string]bool{}
	for name := range strings.SplitSeq(only, ",") {
		if name = strings.TrimSpace(name); name != "" {
			o.only[name] = true
		}
	}
	return o, o.known()
}

// known refuses a measure that does not exist.
func (o options) known() error {
	names := measureNames()
	for name := range o.only {
		found := false
		for _, n := range names {
			found = found || n == name
		}
		if !found {
			return fmt.Errorf("no measure is called %q; there are %s", name, strings.Join(names, ", "))
		}
	}
	return nil
}

func main() {
	if task := os.Getenv(taskEnv); task != "" {
		if err := child(context.Background(), task); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	o, err := parseOptions(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
