namespace Coco.Cli;

/// <summary>
/// Where the program keeps things, by the XDG base directory specification: what lasts in <c>$XDG_STATE_HOME/coco</c>, the socket in
/// <c>$XDG_RUNTIME_DIR/coco</c>, or with the state where a session has no such folder.
/// </summary>
internal sealed record Places(string State, string Runtime)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public string Socket => Path.Combine(Runtime, "daemon.sock");

    public string LockFile => Path.Combine(State, "daemon.lock");

    public string LogFile => Path.Combine(State, "coco.log");

    public string KeyFile => Path.Combine(State, "store.key");

    public string AppsFile => Path.Combine(State, "apps.json");

    public string RestoredFile => Path.Combine(State, "restored.json");

    public string Networks => Path.Combine(State, "networks");

    public static Places FromEnvironment() => From(Environment.GetEnvironmentVariable);

    public static Places From(Func<string, string?> variable)
    {
        var home = variable("HOME") is { Length: > 0 } named ? named : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        // A relative path is to be ignored, says the specification.
        var state = variable("XDG_STATE_HOME") is { } given && Path.IsPathRooted(given) ? given : Path.Combine(home, ".local", "state");
        state = Path.Combine(state, "coco");
        var runtime = variable("XDG_RUNTIME_DIR") is { } folder && Path.IsPathRooted(folder) ? Path.Combine(folder, "coco") : Path.Combine(state, "run");
        return new(state, runtime);
    }

    /// <summary>Makes the folders, which nobody else may look into.</summary>
    /// <exception cref="CommandException">They cannot be made.</exception>
    public void Prepare()
    {
        foreach (var folder in (ReadOnlySpan<string>)[State, Runtime, Networks])
        {
            try
            {
                if (OperatingSystem.IsWindows())
                {
                    Directory.CreateDirectory(folder);
                    continue;
                }
                Directory.CreateDirectory(folder, OwnerOnly);
                File.SetUnixFileMode(folder, OwnerOnly);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new CommandException(
                    ExitCode.Failed, $"The folder {folder} cannot be used: {Trouble.Say(exception)} It must be yours; XDG_STATE_HOME and XDG_RUNTIME_DIR say where it is.", exception);
            }
        }
    }
}
