using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Coco.Interop.Tests.Processes;

/// <summary>A program of others, ended by its id at the latest when the test is over. Its output stands in failures.</summary>
internal sealed class ForeignProcess : IDisposable
{
    private const int MaxOutput = 256 << 10; // a verbose peer prints each packet; the end of it says what went wrong

    private readonly Process _process;
    private readonly StringBuilder _output = new();

    public ForeignProcess(string program, IEnumerable<string> arguments, string? directory = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory ?? "",
        };
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public bool HasExited => _process.HasExited;

    public string Output
    {
        get { lock (_output) { return _output.ToString(); } }
    }

    /// <summary>The exit code of a process that has ended, once all its output was read.</summary>
    public int ExitCode
    {
        get
        {
            _process.WaitForExit();
            return _process.ExitCode;
        }
    }

    /// <summary>A UDP port that was free a moment ago.</summary>
    public static int FreeUdpPort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Waits until somebody listens on a UDP port, so that the first packet is not lost.</summary>
    public void WaitForUdpPort(int port)
    {
        var wanted = string.Create(CultureInfo.InvariantCulture, $":{port:X4} ");
        var deadline = Deadline.In(TimeSpan.FromSeconds(10));
        while (!File.ReadAllText("/proc/net/udp").Contains(wanted, StringComparison.Ordinal))
        {
            Assert.False(HasExited || deadline.IsOver, $"nobody listens on port {port}: {Output}");
            Thread.Sleep(10);
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited) { _process.Kill(entireProcessTree: true); }
        _process.WaitForExit();
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null) { return; }
        lock (_output)
        {
            _output.AppendLine(line);
            if (_output.Length > MaxOutput) { _output.Remove(0, MaxOutput / 2); }
        }
    }
}
