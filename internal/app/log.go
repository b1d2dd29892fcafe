package app

import (
	"io"
	"log/slog"
	"regexp"
	"strings"
	"sync"

	"github.com/gatefold/gatefold/internal/config"
)

// newLog returns the program's log as the configuration wants it.
func newLog(c config.Config, out io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{Level: c.LogLevel(), ReplaceAttr: redact}
	if c.Log.Format == "text" {
		return slog.New(slog.NewTextHandler(out, o))
	}
	return slog.New(slog.NewJSONHandler(out, o))
}

var mailAddress = regexp.MustCompile(`[^\s<>"'(),;:@/=]+@[^\s<>"'(),;:@/=]+`)

// redact takes mail addresses out of what is logged (S-18). Nothing of ours logs one on purpose; the words of a mail
// server or of a driver may hold one.
func redact(_ []string, a slog.Attr) slog.Attr {
	switch v := a.Value.Any().(type) {
	case string:
		if strings.Contains(v, "@") {
			a.Value = slog.StringValue(mailAddress.ReplaceAllString(v, "[address]"))
		}
	case error:
		a.Value = slog.StringValue(mailAddress.ReplaceAllString(v.Error(), "[address]"))
	}
	return a
}

// wholeLines lets several logs share one writer without cutting into each other's lines.
type wholeLines struct {
	mu  sync.Mutex
	out io.Writer
}

// Write implements io.Writer.
func (w *wholeLines) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.Write(p)
}
