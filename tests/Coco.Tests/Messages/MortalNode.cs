using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Coco.Tests.Messages;

/// <summary>A node in a process of its own (<see cref="MessageChild"/>), which is killed and started again, and what its notes say of the messages it handled.</summary>
/// <param name="folder">Its folder.</param>
/// <param name="start">Starts the process.</param>
internal sealed partial class MortalNode(string folder, Func<Process> start) : IDisposable
{
    /// <summary>SIGKILL, SIGSTOP and SIGCONT of Linux.</summary>
    public const int Kill = 9, Stop = 19, Continue = 18;

    private Process? _process;

    public string Id { get; private set; } = "";

    /// <summary>Messages that were handed out, and how many of them again.</summary>
    public int Begun { get; private set; }

    public int Redelivered { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _process?.Dispose();
        _process = start();
        Id = await _process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException("The node did not start.");
    }

    public Task SendToAsync(MortalNode[] all) => _process!.StandardInput.WriteLineAsync(string.Join(' ', all.Where(one => one != this).Select(static one => one.Id))).ContinueWith(_ => _process.StandardInput.Flush(), TaskScheduler.Default);

    /// <summary>Ends it by SIGKILL, and starts it again on what it has left on its disk.</summary>
    public async Task CrashAsync(MortalNode[] all, CancellationToken cancellationToken)
    {
        Signal(Kill);
        await StartAsync(cancellationToken);
        await SendToAsync(all);
    }

    public void Signal(int signal)
    {
        Assert.Equal(0, SendSignal(_process!.Id, signal));
        if (signal == Kill) { _process.WaitForExit(); }
    }

    /// <summary>Whether it has begun to handle the last number of each other one.</summary>
    public bool HasAll(MortalNode[] all, int count)
    {
        var last = Lines().Where(static line => line[0] == "begin" && line.Length >= 4).ToLookup(static line => line[1], static line => int.Parse(line[3], CultureInfo.InvariantCulture));
        return all.Where(one => one != this).All(one => last[one.Id].Contains(count - 1));
    }

    /// <summary>That all numbers came, in order, and none that was completed came again.</summary>
    public void Check(MortalNode[] all, int count)
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        var begun = new HashSet<string>(StringComparer.Ordinal);
        var values = all.ToDictionary(static one => one.Id, static _ => new List<int>());
        foreach (var line in Lines())
        {
            var id = $"{line[1]} {line[2]}";
            if (line[0] == "done")
            {
                done.Add(id);
                continue;
            }
            if (line.Length < 5) { continue; } // the last before a kill
            Begun++;
            Assert.False(done.Contains(id), $"{id} was completed and came again");
            if (!begun.Add(id)) { Redelivered++; }
            Assert.True(line[4] is "True" || !Earlier.Contains(id), $"{id} came again and did not say so");
            Earlier.Add(id);
            if (line[4] is "False") { values[line[1]].Add(int.Parse(line[3], CultureInfo.InvariantCulture)); }
            else { Again.Add((line[1], int.Parse(line[3], CultureInfo.InvariantCulture))); }
        }
        foreach (var one in all.Where(one => one != this))
        {
            // A sender that was killed sends numbers again that it had not noted: a step back, of a batch at most.
            var got = values[one.Id];
            Assert.Equal(Enumerable.Range(0, count), got.Concat(Again.Where(pair => pair.From == one.Id).Select(static pair => pair.Value)).Distinct().Order());
            for (var i = 1; i < got.Count; i++) { Assert.True(got[i] >= got[i - 1] - 16, $"{one.Id}: {got[i]} came after {got[i - 1]}"); }
        }
    }

    private HashSet<string> Earlier { get; } = new(StringComparer.Ordinal);

    private List<(string From, int Value)> Again { get; } = [];

    public void Dispose()
    {
        if (_process is null) { return; }
        if (!_process.HasExited) { _process.Kill(); }
        _process.WaitForExit();
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);

    private string[][] Lines()
    {
        var path = Path.Combine(folder, "handled");
        if (!File.Exists(path)) { return []; }
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n').Select(static line => line.Split(' ')).Where(static line => line.Length >= 3)];
    }
}
