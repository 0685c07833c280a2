using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Coco.Lab;

/// <summary>A program running, in a namespace or beside this process. It is killed, with its children, when this is disposed.</summary>
public sealed class LabProcess : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Lock _lock = new(); // guards _output and _closed; never held while waiting for the process
    private int _closed;

    private LabProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The program's id: nsenter and taskset become the program, they do not stay around it.</summary>
    public int Id => _process.Id;

    public StreamWriter Input => _process.StandardInput;

    public bool HasExited => _process.HasExited;

    /// <summary>Everything printed so far, standard output and error together.</summary>
    public string Output
    {
        get { lock (_lock) { return _output.ToString(); } }
    }

    /// <summary>Processor time used so far (utime + stime, proc(5)), in steps of 10 ms. Only while the program runs.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            var stat = File.ReadAllText($"/proc/{Id}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' '); // from field 3 on; the name before may hold spaces
            return TimeSpan.FromMilliseconds(10 * (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)));
        }
    }

    /// <summary>Starts a program where this process is.</summary>
    public static LabProcess Start(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin";
        foreach (var argument in arguments) { start.ArgumentList.Add(argument); }

        return new(new Process { StartInfo = start });
    }

    internal static LabProcess Start(NetNamespace space, string program, IEnumerable<string> arguments) =>
        Start("nsenter", [$"--net={space.HandlePath}", "--", program, .. arguments]);

    /// <summary>Waits for the program's end and answers its exit code; throws when the time is over.</summary>
    public int WaitForExit(TimeSpan timeout)
    {
        if (!_process.WaitForExit(timeout)) { throw new TimeoutException($"{_process.StartInfo.FileName} {string.Join(' ', _process.StartInfo.ArgumentList)} still runs: {Output}"); }

        _process.WaitForExit(); // and for the last lines of its output
        return _process.ExitCode;
    }

    /// <summary>Waits until a line that contains the text was printed, after position <paramref name="from"/> of the output, and returns it.</summary>
    public string WaitForLine(string text, TimeSpan timeout, int from = 0)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var ended = Volatile.Read(ref _closed) == 2;
            var output = Output;
            var line = output[Math.Min(from, output.Length)..].Split('\n').FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal));
            if (line is not null) { return line; }
            if (ended) { throw new InvalidOperationException($"the program ended without printing \"{text}\": {output}"); }
            if (Stopwatch.GetElapsedTime(started) > timeout) { throw new TimeoutException($"no \"{text}\" in: {output}"); }

            Thread.Sleep(2);
        }
    }

    public void Dispose()
    {
        try
        {
            if (!_process.HasExited)
            {
                _process.Kill(entireProcessTree: true);
                _process.WaitForExit();
            }
        }
        catch (InvalidOperationException)
        {
            // It ended in between.
        }

        _process.Dispose();
    }

    private void Take(string? line)
    {
        lock (_lock)
        {
            if (line is null) { _closed++; } // one for each of the two streams
            else { _output.Append(line).Append('\n'); }
        }
    }
}
