using System.Globalization;
using System.Text;

namespace Coco.Tests.Data;

public sealed class KillTests
{
    [Fact]
    public async Task What_a_killed_process_had_acknowledged_is_there_when_it_starts_again()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        var folder = Directory.CreateTempSubdirectory("coco-kill-");
        try
        {
            var store = Path.Combine(folder.FullName, "store");
            var acknowledged = new HashSet<int>();
            for (var round = 0; round < 3; round++)
            {
                using var child = DataChild.Start(store, 1_000_000 * round);
                try
                {
                    for (var count = 0; count < 100 * (round + 1); count++)
                    {
                        var line = await child.StandardOutput.ReadLineAsync(patience.Token);
                        Assert.NotNull(line);
                        acknowledged.Add(int.Parse(line, CultureInfo.InvariantCulture));
                    }
                }
                finally
                {
                    child.Kill();
                    await child.WaitForExitAsync(CancellationToken.None);
                }
            }

            await using var node = await Node.StartAsync(DataChild.Options(store), patience.Token);

            foreach (var number in acknowledged)
            {
                var entry = await node.Store.GetAsync($"{number}", patience.Token);
                Assert.Equal($"value {number}", entry is null ? null : Encoding.UTF8.GetString(entry.Value.Span));
            }
            Assert.Equal(600, acknowledged.Count);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
