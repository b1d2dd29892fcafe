package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/fault"
)

// A Process is the program as a shell starts it.
type Process struct {
	Version string   // of the binary, as "gatefold version" shows it; "" for that of the module
	Args    []string // without the program's name
	Env     []string // as os.Environ gives it
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
}

// The exit codes, see the package's documentation.
const (
	exitDone        = 0
	exitFailed      = 1
	exitMisused     = 2
	exitInterrupted = 130
)

// Run runs one command until it is done or ctx ends, and returns the exit code. It prints its own errors.
func Run(ctx context.Context, p Process) int {
	root := p.root()
	root.SetArgs(p.Args)
	root.SetIn(p.Stdin)
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = errInterrupted
	}
	text, hint, code := explain(err)
	fmt.Fprintln(p.Stderr, "gatefold: "+text)
	if hint != "" {
		fmt.Fprintln(p.Stderr, hint)
	}
	return code
}

func (p Process) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "gatefold",
		Short:         "A journal of analysis behind an honest wall",
		Long:          "Gatefold runs an independent journal: its articles, its readers, its wall.",
		Version:       p.version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE:          subcommand,
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return misuse(c, "%s", err) })
	root.AddGroup(&cobra.Group{ID: "run", Title: "Running a journal:"}, &cobra.Group{ID: "keep", Title: "Keeping it:"},
		&cobra.Group{ID: "set", Title: "Setting it up:"})
	for _, of := range []struct {
		group    string
		commands []*cobra.Command
	}{
		{"run", []*cobra.Command{p.serve(), p.demo()}},
		{"keep", []*cobra.Command{p.imports(), p.reader(), p.staff(), p.plan(), p.billing(), p.gift(), p.group(), p.newsletter(), p.ads(), p.suppression(), p.doctor(), p.term(), p.search(), p.migrate()}},
		{"set", []*cobra.Command{p.settings(), p.theme(), p.showVersion()}},
	} {
		for _, c := range of.commands {
			c.GroupID = of.group
			root.AddCommand(c)
		}
	}
	return root
}

// subcommand is what a command of commands does by itself: show its help, or refuse a word it does not know.
func subcommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return c.Help()
	}
	if c.SuggestionsMinimumDistance = 2; len(c.SuggestionsFor(args[0])) > 0 {
		return misuse(c, "no such command: %s %s; did you mean %s?", c.CommandPath(), args[0],
			strings.Join(c.SuggestionsFor(args[0]), " or "))
	}
	return misuse(c, "no such command: %s %s", c.CommandPath(), args[0])
}

// group makes a command that only holds others.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use + " COMMAND", Short: short, Args: cobra.ArbitraryArgs, RunE: subcommand,
		DisableFlagsInUseLine: true}
	c.AddCommand(commands...)
	return c
}

// takes checks the number of arguments: at least one for each name, and no more unless the last ends in "…".
func takes(names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) < len(names) {
			return misuse(c, "expected %s", strings.Join(names[len(args):], " and "))
		}
		if more := len(names) > 0 && strings.HasSuffix(names[len(names)-1], "…"); len(args) > len(names) && !more {
			return misuse(c, "expected nothing more, got %q", args[len(names)])
		}
		return nil
	}
}

// A misused error says that a command was asked wrongly.
type misused struct{ text, hint string }

func (m *misused) Error() string { return m.text }

func misuse(c *cobra.Command, format string, args ...any) error {
	return &misused{fmt.Sprintf(format, args...), fmt.Sprintf("Run %q for its usage.", c.CommandPath()+" --help")}
}

// A hinted error tells what to do about it.
type hinted struct {
	error
	hint string
}

func (h *hinted) Unwrap() error { return h.error }

// withHint adds what to do about err.
func withHint(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return &hinted{err, fmt.Sprintf(format, args...)}
}

var errInterrupted = errors.New("interrupted")

// explain puts an error into words: what is wrong, what to do about it, and the exit code.
func explain(err error) (text, hint string, code int) {
	var h *hinted
	if errors.As(err, &h) {
		hint = h.hint
	}
	var m *misused
	var problem *config.Problem
	switch {
	case errors.Is(err, errInterrupted):
		return "interrupted", hint, exitInterrupted
	case errors.As(err, &m):
		return m.text, cmp.Or(hint, m.hint), exitMisused
	case errors.As(err, &problem):
		return "the configuration is refused:\n" + indent(err.Error()),
			cmp.Or(hint, `"gatefold config reference" tells every setting.`), exitMisused
	}
	return err.Error(), hint, exitFailed
}

// sentence is what a person may be told of an error, without what it came through. An error that nobody worded is itself.
func sentence(err error) error {
	var f *fault.Error
	if errors.As(err, &f) && f.Kind != fault.Internal {
		return fault.New(f.Kind, "%s", f.Text)
	}
	return err
}

func indent(s string) string { return "  " + strings.ReplaceAll(s, "\n", "\n  ") }
