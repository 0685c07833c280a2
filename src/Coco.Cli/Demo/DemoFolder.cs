using System.Diagnostics;

namespace Coco.Cli.Demo;

/// <summary>
/// What one demo has on the machine, all under one name that has the number of its process: a folder for temporary files, network namespaces,
/// and processes, which are listed in the folder.
/// </summary>
internal sealed class DemoFolder
{
    public const string Prefix = "coco-demo-";

    private readonly Lock _lock = new(); // guards the list of processes

    private DemoFolder(string path) => Path = path;

    public string Path { get; }

    public string Name => System.IO.Path.GetFileName(Path);

    private string ProcessList => System.IO.Path.Combine(Path, "processes");

    public static DemoFolder Create()
    {
        try
        {
            // With letters by chance, of the owner's alone: a folder of a foreseeable name might be somebody else's already.
            return new(Directory.CreateTempSubdirectory($"{Prefix}{Environment.ProcessId}-").FullName);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(
                ExitCode.Failed, $"The demo cannot make a folder in {System.IO.Path.GetTempPath()}: {Trouble.Say(exception)} TMPDIR says where it puts its files.", exception);
        }
    }

    public string PathOf(params string[] names) => System.IO.Path.Combine([Path, .. names]);

    public void Remember(Process process)
    {
        lock (_lock) { File.AppendAllText(ProcessList, $"{process.Id}\n"); }
    }

    /// <summary>Says that what is here is to outlive the demo.</summary>
    public void Keep() => File.WriteAllText(System.IO.Path.Combine(Path, DemoRemains.KeptMark), "");
}
