package script

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"ferry/proto"
)

// givenPassword is the password that was given beside the script: in
// FERRY_PASSWORD, in a file, or by a command.
//
// SECURITY: none of these shows in the process list, and none is remembered.
func (st *State) givenPassword(ctx context.Context, host, user string) (pass proto.Secret, given bool, err error) {
	if env, ok := st.env("FERRY_PASSWORD"); ok {
		return proto.Secret(env), true, nil
	}
	switch {
	case st.Settings.PasswordFile != "":
		pass, err = passwordOfFile(st.Settings.PasswordFile)
	case st.Settings.PasswordCommand != "":
		pass, err = st.passwordOfCommand(ctx, host, user)
	default:
		return "", false, nil
	}
	return pass, err == nil, err
}

// passwordOfFile is the first line of a file.
//
// SECURITY: one that others can read is no secret, as with ~/.netrc.
func passwordOfFile(path string) (proto.Secret, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if info.Mode().IsRegular() && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return "", &StateError{What: path + " can be read by others", Hint: "chmod 600 " + path, code: exitLogin}
	}
	text, err := io.ReadAll(io.LimitReader(f, MaxValue))
	if err != nil {
		return "", err
	}
	return firstLine(text)
}

// passwordOfCommand is the first line that a command prints. It finds the host
// and the user in its environment, and may ask at the terminal.
func (st *State) passwordOfCommand(ctx context.Context, host, user string) (proto.Secret, error) {
	ctx, cancel := context.WithTimeout(ctx, maxPasswordWait)
	defer cancel()
	var out bytes.Buffer
	cmd := st.shellCommand(ctx, st.Settings.PasswordCommand)
	cmd.Dir = st.dir
	cmd.Env = append(st.shellEnv(), "FERRY_HOST="+host, "FERRY_USER="+user)
	cmd.Stdout, cmd.Stderr = &out, st.cfg.Err
	if st.cfg.Ask != nil {
		cmd.Stdin = st.cfg.In
	}
	if err := st.Program(cmd); err != nil {
		return "", &StateError{What: fmt.Sprintf("the password command failed: %v", err), code: exitLogin}
	}
	return firstLine(out.Bytes()[:min(out.Len(), MaxValue)])
}

func firstLine(text []byte) (proto.Secret, error) {
	line, _, _ := strings.Cut(string(text), "\n")
	if line = strings.TrimSuffix(line, "\r"); line == "" {
		return "", &StateError{What: "the password is empty", code: exitLogin}
	}
	return proto.Secret(line), nil
}
