// Package chromium says how the browser checks start Chromium: quiet, headless
// and without a single call to a host of its maker.
package chromium

import (
	"errors"
	"os"
	"os/exec"
)

// ErrMissing is returned where no Chromium or Chrome is installed.
var ErrMissing = errors.New("chromium is not installed (Debian: apt-get install chromium)")

// Path returns the browser's program: CHROME_PATH if set, else the first of
// Debian's and the vendor's names that is on the PATH.
func Path() (string, error) {
	if path := os.Getenv("CHROME_PATH"); path != "" {
		return path, nil
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome-stable", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrMissing
}

// Flags returns the names of the switches the browser starts with, without
// their dashes. As root its sandbox is off, because there it refuses to start.
func Flags() []string {
	flags := []string{
		"headless",
		"disable-gpu",
		"disable-quic",
		"disable-sync",
		"disable-component-update",
		"disable-background-networking",
		"disable-dev-shm-usage",
		"no-first-run",
	}
	if os.Geteuid() == 0 {
		flags = append(flags, "no-sandbox")
	}
	return flags
}
