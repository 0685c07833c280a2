using System.Globalization;
using System.Text;

namespace Coco.Cli.Daemon;

/// <summary>Says that a daemon uses these folders. It ends with the process, however that ends.</summary>
internal sealed class DaemonLock : IDisposable
{
    private readonly FileStream _file;

    private DaemonLock(FileStream file) => _file = file;

    /// <exception cref="CommandException">Another daemon has it.</exception>
    public static DaemonLock Take(Places places) => TryTake(places)
        ?? throw new CommandException(ExitCode.Failed, $"coco is up already{Holder(places)}. `coco status` shows what it does; `coco down` ends it.");

    public static DaemonLock? TryTake(Places places)
    {
        FileStream file;
        try
        {
            file = new(places.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        }
        catch (IOException exception) when (exception is not FileNotFoundException and not DirectoryNotFoundException && !Trouble.IsFullDisk(exception))
        {
            return null;
        }
        return new(file);
    }

    /// <summary>Writes down who has it, beside the lock: a locked file cannot be read.</summary>
    public static void Sign(Places places) =>
        SafeFile.Write(places.LockFile + ".pid", Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));

    public void Dispose() => _file.Dispose();

    private static string Holder(Places places)
    {
        try
        {
            return $", as process {File.ReadAllText(places.LockFile + ".pid")}";
        }
        catch (IOException)
        {
            return "";
        }
    }
}
