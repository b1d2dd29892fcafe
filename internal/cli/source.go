package cli

import (
	"net"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gatefold/gatefold/internal/config"
)

// A source is where a command finds its journal: a configuration file, or a folder of data.
type source struct {
	file  string
	dir   string
	set   []string
	theme string
}

// fileFlags adds --config and --set.
func (s *source) fileFlags(c *cobra.Command) {
	c.Flags().StringVar(&s.file, "config", "", "configuration `FILE` (TOML)")
	c.Flags().StringArrayVar(&s.set, "set", nil, "set `KEY=VALUE` over file and environment, such as server.listen=:8080")
}

// flags adds --config, --dir and --set.
func (s *source) flags(c *cobra.Command) {
	s.fileFlags(c)
	c.Flags().StringVar(&s.dir, "dir", "", "`DIR` of a journal's data, in place of a configuration file")
}

// load reads the configuration: defaults (those of the demonstration where --dir names its folder), then the file, the
// environment and the flags, the later ones winning.
func (s *source) load(c *cobra.Command, env []string) (config.Config, error) {
	if s.file != "" && s.dir != "" {
		return config.Config{}, misuse(c, "expected --dir or --config, got both")
	}
	preset := map[string]string{}
	if s.dir != "" {
		preset = demonstration(s.dir, "127.0.0.1:8080")
	}
	return s.loadOver(c, env, preset)
}

// loadOver is load with settings that only the environment and --set may change.
func (s *source) loadOver(c *cobra.Command, env []string, preset map[string]string) (config.Config, error) {
	if s.theme != "" {
		preset["theme.dir"] = s.theme
	}
	for key := range preset {
		if isSet(env, key) && !explicit(key) {
			delete(preset, key)
		}
	}
	for _, pair := range s.set {
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			return config.Config{}, misuse(c, "expected --set KEY=VALUE, got %q", pair)
		}
		preset[strings.TrimSpace(key)] = value
	}
	return config.Load(s.file, env, preset)
}

// explicit tells the settings that have a flag of their own, which wins over the environment.
func explicit(key string) bool {
	return key == "data.dir" || key == "server.listen" || key == "theme.dir"
}

// isSet reports whether the environment has a setting.
func isSet(env []string, key string) bool {
	name := "GATEFOLD_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_")) + "="
	for _, pair := range env {
		if strings.HasPrefix(pair, name) {
			return true
		}
	}
	return false
}

// demonstration is what the demonstration journal sets: a publication of that name over plain HTTP on this machine.
func demonstration(dir, listen string) map[string]string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		host, port = listen, "" // config.Load refuses it by name
	}
	local := host == "localhost"
	if ip := net.ParseIP(host); ip != nil {
		local = ip.IsLoopback()
	}
	if host == "" || net.ParseIP(host) != nil && net.ParseIP(host).IsUnspecified() {
		host = "localhost"
	}
	preset := map[string]string{
		"publication.name":    "The Meridian Review",
		"publication.tagline": "World affairs, argued from the map",
		"publication.url":     "http://" + net.JoinHostPort(host, port),
		"publication.founded": "2006",
		"mail.from":           "The Meridian Review <post@meridian-review.example>",
		"data.dir":            filepath.Clean(dir),
		"server.listen":       listen,
		"log.format":          "text",
		"log.level":           "warn",
		"till.provider":       "test",
	}
	if local {
		preset["server.insecure_cookies"] = "true"
		// Everyone who tries it comes from this one machine.
		preset["limits.sign_in_per_hour"], preset["limits.keep_reading_per_hour"] = "1000", "1000"
		preset["limits.unseen_forms_per_minute"] = "1000"
		preset["limits.checkouts_per_minute"] = "1000"
	}
	return preset
}
