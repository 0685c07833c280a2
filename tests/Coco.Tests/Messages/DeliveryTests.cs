using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Coco.Tests.Networks;

namespace Coco.Tests.Messages;

/// <summary>
/// Nodes in processes of their own that send to each other while they are killed (SIGKILL), started again and stopped for seconds (as by a partition): every message that
/// was queued arrives, in order, and what was completed is not handed out again. With COCO_ALL=1 ten nodes and 100,000 messages.
/// </summary>
public sealed partial class DeliveryTests(ITestOutputHelper output)
{
    private const int Kill = 9, Stop = 19, Continue = 18; // SIGKILL, SIGSTOP, SIGCONT on Linux

    private static readonly bool IsAll = Environment.GetEnvironmentVariable("COCO_ALL") == "1";
    private static readonly int Nodes = IsAll ? 10 : 3;
    private static readonly int Messages = IsAll ? 1112 : 400; // of each to each
    private static readonly int Kills = IsAll ? 40 : 8;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(IsAll ? 1200 : 400);

    [Fact]
    public async Task Messages_of_nodes_that_are_killed_and_partitioned_arrive_in_order_and_none_that_was_completed_comes_again()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Kills by signals of Linux.");
        using var patience = new CancellationTokenSource(IsAll ? TimeSpan.FromMinutes(15) : TimeSpan.FromMinutes(2));
        var root = Directory.CreateTempSubdirectory("coco-delivery-");
        await using var hub = await Node.CreateNetworkAsync(new() { Name = "home" }, TestNetwork.Options("hub"), patience.Token);
        var children = new Child[Nodes];
        try
        {
            for (var i = 0; i < Nodes; i++)
            {
                var ticket = (await hub.InviteAsync(null, patience.Token)).ToText();
                children[i] = new(Directory.CreateDirectory(Path.Combine(root.FullName, $"node{i}")).FullName, ticket);
                await children[i].StartAsync(Messages, patience.Token);
            }
            foreach (var child in children) { await child.SendToAsync(children); }
            await DisturbAsync(children, patience.Token);
            while (children.Any(child => !child.HasAll(children, Messages))) { await Task.Delay(IsAll ? 2000 : 200, patience.Token); }
            foreach (var child in children) { child.Check(children, Messages); }
            var (handled, again) = (children.Sum(static child => child.Begun), children.Sum(static child => child.Redelivered));
            output.WriteLine($"{Nodes} nodes, {Nodes * (Nodes - 1) * Messages} messages, {Kills} kills and stops: {handled} handed out, {again} of them again");
        }
        finally
        {
            foreach (var child in children) { child?.Dispose(); }
            root.Delete(recursive: true);
        }
    }

    private static async Task DisturbAsync(Child[] children, CancellationToken cancellationToken)
    {
        var random = new Random(7);
        for (var i = 0; i < Kills; i++)
        {
            await Task.Delay(random.Next(200, 1500), cancellationToken);
            var child = children[random.Next(children.Length)];
            if (i % 3 == 2)
            {
                child.Signal(Stop);
                await Task.Delay(random.Next(500, 3000), cancellationToken);
                child.Signal(Continue);
                continue;
            }
            child.Signal(Kill);
            await child.StartAsync(Messages, cancellationToken);
            await child.SendToAsync(children);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);

    private sealed class Child(string folder, string ticket) : IDisposable
    {
        private Process? _process;

        public string Id { get; private set; } = "";

        public int Begun { get; private set; }

        public int Redelivered { get; private set; }

        public async Task StartAsync(int count, CancellationToken cancellationToken)
        {
            _process?.Dispose();
            _process = MessageChild.Start(folder, ticket, count, Pause);
            Id = await _process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException("The node did not start.");
        }

        public Task SendToAsync(Child[] all) => _process!.StandardInput.WriteLineAsync(string.Join(' ', all.Where(one => one != this).Select(static one => one.Id))).ContinueWith(_ => _process.StandardInput.Flush(), TaskScheduler.Default);

        public void Signal(int signal)
        {
            Assert.Equal(0, SendSignal(_process!.Id, signal));
            if (signal == Kill) { _process.WaitForExit(); }
        }

        public bool HasAll(Child[] all, int count)
        {
            var last = Lines().Where(static line => line[0] == "begin" && line.Length >= 4).ToLookup(static line => line[1], static line => int.Parse(line[3], CultureInfo.InvariantCulture));
            return all.Where(one => one != this).All(one => last[one.Id].Contains(count - 1));
        }

        public void Check(Child[] all, int count)
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

        private string[][] Lines()
        {
            var path = Path.Combine(folder, "handled");
            if (!File.Exists(path)) { return []; }
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream);
            return [.. reader.ReadToEnd().Split('\n').Select(static line => line.Split(' ')).Where(static line => line.Length >= 3)];
        }
    }
}
