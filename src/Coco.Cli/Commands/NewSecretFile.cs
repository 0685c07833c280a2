namespace Coco.Cli.Commands;

/// <summary>A file for a secret that is still to come: new, empty and its owner's alone from the beginning, and gone again where nothing came.</summary>
internal sealed class NewSecretFile : IDisposable
{
    private readonly FileStream _file;
    private bool _isWritten;

    /// <exception cref="CommandException">There is such a file, or it cannot be made.</exception>
    public NewSecretFile(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) { options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; }
        try
        {
            _file = new(Path, options);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(
                ExitCode.Failed, File.Exists(Path) ? $"{Path} is there already. Nothing was done; choose another name." : $"{Path} cannot be written: {Trouble.Say(exception)} Nothing was done.", exception);
        }
    }

    public string Path { get; }

    /// <summary>Writes the secret, on disk when this returns.</summary>
    public void Write(string secret)
    {
        _file.Write(System.Text.Encoding.UTF8.GetBytes(secret + "\n"));
        _file.Flush(flushToDisk: true);
        _isWritten = true;
    }

    public void Dispose()
    {
        _file.Dispose();
        if (!_isWritten) { File.Delete(Path); }
    }
}
