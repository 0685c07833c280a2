using System.Globalization;
using System.Text.RegularExpressions;
using Coco.Lab;
using Coco.Scenarios.Tests.Tunnels;

namespace Coco.Scenarios.Tests.Samples;

/// <summary>The samples, on two machines that share nothing but a cable.</summary>
public sealed partial class SampleTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly VethPair _lab;

    public SampleTests()
    {
        ForeignProgram.Require("ip", "nsenter");
        _lab = new();
    }

    public void Dispose() => _lab.Dispose();

    [Fact]
    public void What_is_said_in_a_chat_is_heard_by_all_and_by_one_alone()
    {
        using var ada = SampleProgram.Start(_lab.Right, "Chat", "host", "ada");
        Say(ada, "is anybody here?");
        using var ben = SampleProgram.Start(_lab.Left, "Chat", "join", TicketOf(ada), "ben");
        ben.WaitForLine("ada: is anybody here?", Patience); // said before he came
        Say(ben, "I am");
        ada.WaitForLine("ben: I am", Patience);
        Say(ada, "/to ben a secret");
        ben.WaitForLine("ada to you alone: a secret", Patience);
        Leave(ben, ada);
    }

    [Fact]
    public void Values_of_a_sensor_are_there_for_who_comes_later_and_its_loss_is_told()
    {
        using var station = SampleProgram.Start(_lab.Right, "Sensor", "station");
        using var cellar = SampleProgram.Start(_lab.Left, "Sensor", "measure", TicketOf(station), "cellar");
        Say(cellar, "11.5");
        station.WaitForLine("cellar value 11.5", Patience);
        using var watcher = SampleProgram.Start(_lab.Left, "Sensor", "watch", TicketOf(station, "another ticket "));
        watcher.WaitForLine("cellar value 11.5, since", Patience);

        cellar.Dispose(); // kills it

        station.WaitForLine("cellar state lost", Patience);
        watcher.WaitForLine("cellar state lost", Patience);
        Leave(watcher, station);
    }

    [Fact]
    public void A_file_that_is_dropped_is_the_same_in_the_other_folder()
    {
        var folder = Directory.CreateTempSubdirectory("coco-drop").FullName;
        var data = new byte[3_000_000];
        new Random(1).NextBytes(data);
        File.WriteAllBytes($"{folder}/holiday.bin", data);
        using var receiver = SampleProgram.Start(_lab.Right, "FileDrop", "receive", $"{folder}/in");
        using var sender = SampleProgram.Start(_lab.Left, "FileDrop", "send", TicketOf(receiver), $"{folder}/holiday.bin");

        Assert.Equal(0, sender.WaitForExit(Patience));

        receiver.WaitForLine($"{folder}/in/holiday.bin, 3,000,000 bytes", Patience);
        Assert.Equal(data, File.ReadAllBytes($"{folder}/in/holiday.bin"));
        Leave(receiver);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_camera_is_watched_and_the_player_says_how_late_its_frames_are()
    {
        using var camera = SampleProgram.Start(_lab.Right, "Camera", "film");
        using var viewer = SampleProgram.Start(_lab.Left, "Camera", "watch", TicketOf(camera));

        var report = Report().Match(viewer.WaitForLine("latency", Patience));
        Assert.True(report.Success, viewer.Output);
        // What is older than its deadline is not played. Clocks are compared no better than a way takes.
        Assert.InRange(double.Parse(report.Groups["worst"].Value, CultureInfo.InvariantCulture), -50, 1_000);
        Say(viewer, "");
        Assert.Equal(0, viewer.WaitForExit(Patience));
        Assert.Matches(@"in all \d{2,} frames", viewer.Output);
        Leave(camera);
    }

    [Theory]
    [InlineData("Camera")]
    [InlineData("Chat")]
    [InlineData("FileDrop")]
    [InlineData("Sensor")]
    public void A_sample_that_is_asked_for_nothing_says_how_it_is_used(string sample)
    {
        using var process = SampleProgram.Start(_lab.Left, sample, "nonsense");
        Assert.Equal(2, process.WaitForExit(Patience));
        Assert.Contains($"usage: {sample} ", process.Output);
    }

    private static string TicketOf(LabProcess process, string before = "ticket ") => process.WaitForLine(before, Patience)[before.Length..];

    private static void Say(LabProcess process, string line)
    {
        process.Input.Write(line + "\n");
        process.Input.Flush();
    }

    /// <summary>Ends them as people do, in this order.</summary>
    private static void Leave(params LabProcess[] processes)
    {
        foreach (var process in processes)
        {
            process.Input.Close();
            Assert.Equal(0, process.WaitForExit(Patience));
        }
    }

    [GeneratedRegex(@"^\d+ frames, \d+ lost; latency -?[\d.]+ ms on average, (?<worst>-?[\d.]+) ms at worst$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Report();
}
