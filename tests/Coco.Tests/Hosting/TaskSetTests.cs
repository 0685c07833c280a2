using Coco.Hosting;

namespace Coco.Tests.Hosting;

public sealed class TaskSetTests
{
    [Fact]
    public async Task A_task_that_fails_is_heard_of_while_others_run()
    {
        var heard = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        var end = new TaskCompletionSource();
        var tasks = new TaskSet(heard.SetResult);
        tasks.TryRun(() => end.Task);
        tasks.TryRun(static async () =>
        {
            await Task.Yield();
            throw new InvalidOperationException("a fault");
        });

        Assert.Equal("a fault", (await heard.Task.WaitAsync(TimeSpan.FromSeconds(30))).Message);
        end.SetResult();
        await tasks.WhenAllEnded();
    }

    [Fact]
    public async Task After_the_end_nothing_is_started()
    {
        var tasks = new TaskSet();
        await tasks.WhenAllEnded();
        Assert.False(tasks.TryRun(static () => throw new InvalidOperationException("was started")));
    }
}
