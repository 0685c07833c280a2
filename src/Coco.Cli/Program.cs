Console.WriteLine("coco 0.1.0");
